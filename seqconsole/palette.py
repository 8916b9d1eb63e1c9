"""`:` and ctrl+p: every action of the screen by name, from its live bindings, so it cannot drift."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider

from seqconsole.widgets.key_line import LiveKey, live_keys


class ConsoleCommands(Provider):
    """The actions that can be done now, with their keys."""

    async def discover(self) -> Hits:
        """All of them, before anything is typed."""
        for text, key in self._commands():
            yield DiscoveryHit(text, partial(self._run, key), help=f"key {key.label}")

    async def search(self, query: str) -> Hits:
        """Those that match what is typed."""
        matcher = self.matcher(query)
        for text, key in self._commands():
            score = matcher.match(text)
            if score > 0:
                yield Hit(score, matcher.highlight(text), partial(self._run, key),
                          help=f"key {key.label}")  # fmt: skip

    def _commands(self) -> Iterator[tuple[str, LiveKey]]:
        for key in live_keys(self.screen):
            if key.enabled:
                yield f"{key.description}", key

    async def _run(self, key: LiveKey) -> None:
        await self.app.run_action(key.action, default_namespace=key.node)
