"""`:` and ctrl+p: every act of the screen by name, from its live bindings, so it cannot drift."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider

from seqconsole.screens.base import Act, BaseScreen
from seqconsole.text import harmless
from seqconsole.widgets.key_line import LiveKey, live_keys


@dataclass(frozen=True, slots=True)
class _Entry:
    name: str
    about: str
    run: Callable[[], Awaitable[None]]


class ConsoleCommands(Provider):
    """The acts of the screen, with their keys; one that can not be done now says why."""

    async def discover(self) -> Hits:
        """All of them, before anything is typed."""
        for entry in self._entries():
            yield DiscoveryHit(entry.name, entry.run, help=entry.about)

    async def search(self, query: str) -> Hits:
        """Those that match what is typed."""
        matcher = self.matcher(query)
        for entry in self._entries():
            score = matcher.match(entry.name)
            if score > 0:
                yield Hit(score, matcher.highlight(entry.name), entry.run, help=entry.about)

    def _entries(self) -> Iterator[_Entry]:
        for key in live_keys(self.screen):
            why = "" if key.enabled else self._why(key)
            about = f"key {key.label} · not now: {why}" if why else f"key {key.label}"
            yield _Entry(key.description, about, partial(self._press, key, why))
        if isinstance(self.screen, BaseScreen):
            for act in self.screen.acts():
                yield _Entry(harmless(act.name), harmless(act.does), partial(self._do, act))

    def _why(self, key: LiveKey) -> str:
        action = key.action.split("(")[0]
        if isinstance(key.node, BaseScreen):
            return key.node.refusal(action)
        screen = self.screen
        return screen.console.why_no_writing() if isinstance(screen, BaseScreen) else ""

    async def _press(self, key: LiveKey, why: str) -> None:
        screen = self.screen
        if why and isinstance(screen, BaseScreen):
            screen.console.say(f"{key.description}: {why}", bad=True)
            return
        await self.app.run_action(key.action, default_namespace=key.node)

    @staticmethod
    async def _do(act: Act) -> None:
        act.run()
