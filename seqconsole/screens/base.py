"""The frame of every screen: strip, banners, views, body, count line, keys."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, cast

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.css.query import NoMatches
from textual.screen import Screen
from textual.widgets import Static

from seqconsole.readings import AnyReading
from seqconsole.state import Snapshot
from seqconsole.widgets.banner import Banner, Notice
from seqconsole.widgets.key_line import KeyLine
from seqconsole.widgets.status_strip import EngineState, StatusStrip, StripFacts
from seqconsole.widgets.view_tabs import ViewTabs

if TYPE_CHECKING:
    from seqconsole.app import Console

LEAST_WIDTH = 60
LEAST_HEIGHT = 12

WRITING = frozenset(
    {
        "pause",
        "resume",
        "reconnect",
        "repair",
        "bulk",
        "keep_this",
        "retry",
        "skip",
        "mark_sent",
        "suppress",
    }
)
"""Actions of screens that change something."""


@dataclass(frozen=True, slots=True)
class Act:
    """What the palette offers on a screen beyond its keys; `does` says more than the name."""

    name: str
    does: str
    run: Callable[[], None]


class BaseScreen(Screen[None]):
    """One screen. `VIEW` is the key of the view it belongs to, `NAME` heads its help."""

    VIEW: ClassVar[str] = "1"
    NAME: ClassVar[str] = ""
    DEFAULT_CSS = """
    BaseScreen { layout: vertical; overflow: hidden; }
    BaseScreen #too-small { display: none; width: 1fr; height: 1fr; content-align: center middle; }
    BaseScreen.-tiny > * { display: none; }
    BaseScreen.-tiny > #too-small { display: block; }
    BaseScreen #body { height: 1fr; }
    BaseScreen.-old #body { text-opacity: 60%; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", show=False, key_display="esc"),
        Binding("y", "copy", "Copy the name or id", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.ready = False

    @property
    def console(self) -> Console:
        """The app, by its own type."""
        return cast("Console", self.app)

    @property
    def view(self) -> str:
        """The key of the view that it belongs to."""
        return self.VIEW

    # What a screen says of itself.

    def readings(self) -> Sequence[AnyReading]:
        """What this screen asks beyond the figures."""
        return ()

    @property
    def busy(self) -> bool:
        """Whether something is still being found out for this screen in the background."""
        return False

    def compose_body(self) -> ComposeResult:
        """The part between the views and the keys."""
        yield from ()

    @abstractmethod
    def show(self, snapshot: Snapshot) -> bool:
        """Show a snapshot; whether there was something in it for this screen."""

    def why_not(self, action: str) -> str:
        """Why an action can not be done now; empty when it can."""
        return ""

    def acts(self) -> Sequence[Act]:
        """What the palette offers here beyond the keys."""
        return ()

    def hold_order(self) -> None:
        """Keep every row in its place while a question is open."""

    def release_order(self) -> None:
        """Undo `hold_order`."""

    def clear_something(self) -> bool:
        """esc: drop the filter, else the marks; whether there was something to drop."""
        return False

    def keep_filter(self) -> None:
        """enter in the filter line."""

    def drop_filter(self) -> None:
        """esc in the filter line."""

    def copied(self) -> str:
        """What `y` copies."""
        return ""

    # The frame.

    def compose(self) -> ComposeResult:
        """The frame and the body in it."""
        yield StatusStrip(self.console.facts())
        yield Banner()
        yield ViewTabs(self.view)
        yield from self.compose_body()
        yield KeyLine()
        yield Static("80 x 24 or more, please.", id="too-small", markup=False)

    def frame(
        self, facts: StripFacts, counts: Mapping[str, int], notices: Mapping[Notice, str]
    ) -> None:
        """Show the strip, the numbers behind the views and the banners."""
        if not self.is_mounted:
            return
        with suppress(NoMatches):  # Textual takes a screen apart before its timers end
            self._show_frame(facts, counts, notices)

    def _show_frame(
        self, facts: StripFacts, counts: Mapping[str, int], notices: Mapping[Notice, str]
    ) -> None:
        self.query_one(StatusStrip).show(facts)
        self.query_one(KeyLine).hold(facts.engine is EngineState.PAUSED)
        tabs = self.query_one(ViewTabs)
        for view in tabs.views:
            tabs.set_count(view.key, counts.get(view.key, 0))
        banner = self.query_one(Banner)
        for notice in Notice:
            banner.say(notice, notices.get(notice))
        self.set_class(Notice.LOST in notices, "-old")

    def take(self, snapshot: Snapshot) -> None:
        """A new snapshot from the poller."""
        if not self.is_mounted:
            return
        with suppress(NoMatches):  # Textual takes a screen apart before its workers end
            self.ready = self.show(snapshot) or self.ready

    def on_resize(self, event: events.Resize) -> None:
        """A terminal too small to show anything true says so."""
        tiny = event.size.width < LEAST_WIDTH or event.size.height < LEAST_HEIGHT
        if tiny is not self.has_class("-tiny"):
            self.set_class(tiny, "-tiny")
            if not tiny:
                self.call_after_refresh(self.focus_body)

    def focus_body(self) -> None:
        """Give the keys to what the screen is about."""

    def on_screen_resume(self) -> None:
        """Show what is known and read what this screen needs."""
        self.focus_body()
        self.console.show_on(self)

    # Keys.

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Dim the keys that can not act; `explain_key` says why when they are pressed."""
        return None if self.refusal(action) else True

    def refusal(self, action: str) -> str:
        """Why a key can not act, the console's own reasons first."""
        if action in WRITING and (reason := self.console.why_no_writing()):
            return reason
        return self.why_not(action)

    def action_back(self) -> None:
        """esc: the filter, then the marks, then the screen before."""
        if not self.clear_something():
            self.console.go_back()

    def action_copy(self) -> None:
        """Copy what the row is called."""
        if text := self.copied():
            self.console.copy(text)
        else:
            self.console.say("Nothing under the cursor to copy.", bad=True)
