"""The console: views, one poller, one place where actions get what they need. No data of its own."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from functools import partial
from typing import ClassVar

from textual.app import App
from textual.binding import BindingType
from textual.timer import Timer

from seqconsole.absence_desk import AbsenceDesk
from seqconsole.actions import Actions, Verbs
from seqconsole.desk import ConsoleDesk
from seqconsole.leaving import SIGNALS, Leaving
from seqconsole.memory import Memory
from seqconsole.navigating import Navigating
from seqconsole.notices import notices
from seqconsole.options import ConsoleOptions
from seqconsole.palette import ConsoleCommands
from seqconsole.poller import Poller
from seqconsole.readings import AnyReading, Source
from seqconsole.screens.base import BaseScreen
from seqconsole.screens.views import EVERYWHERE, WRITING
from seqconsole.state import Lost, Snapshot, shown_at, strip_facts, tab_counts
from seqconsole.text import harmless
from seqconsole.widgets.ascii_only import AsciiOnly
from seqconsole.widgets.banner import Notice
from seqconsole.widgets.status_strip import StripFacts


class Console(Navigating):
    """The operations console. `run_async` returns the exit code."""

    TITLE = "seqconsole"
    COMMANDS: ClassVar = {ConsoleCommands}
    ENABLE_COMMAND_PALETTE = True
    NOTIFICATION_TIMEOUT = 8
    CSS = """
    Toast { width: 1fr; max-width: 100%; padding: 0 1; margin: 0; }
    ToastRack { margin-bottom: 2; overflow: hidden; }
    """
    BINDINGS: ClassVar[list[BindingType]] = EVERYWHERE

    def __init__(self, source: Source, verbs: Verbs, *, options: ConsoleOptions) -> None:
        self.options = options
        self.snapshot: Snapshot | None = None
        self.lost: Lost | None = None
        self.reads = 0
        self.said: deque[str] = deque(maxlen=100)
        self._refused = False
        self._again = 1
        self.wide = False
        self._frozen: Snapshot | None = None
        self._soon: Timer | None = None
        super().__init__()
        self.memory = Memory(options.memory, options.database_label)
        self._desk = ConsoleDesk(self)
        self._leaving = Leaving(self)
        self.absence = AbsenceDesk(options.away, self.poke)
        self.actions = Actions(verbs, self._desk)
        self._poller = Poller(
            source,
            self._readings,
            interval=options.poll_seconds,
            rolls_up=not options.read_only,
            clock=options.clock,
        )
        self.theme = options.theme
        if options.ascii:
            self._filters.append(AsciiOnly(options.speaks))

    def on_mount(self) -> None:
        """Begin to read, and leave tidily on a signal."""
        loop = asyncio.get_running_loop()
        for number, code in SIGNALS.items():
            loop.add_signal_handler(number, self.end, code)
        self.run_worker(self._follow(), group="poller", exclusive=True)
        self.run_worker(self.absence.follow(), group="absence", exit_on_error=False)
        self.set_interval(1.0, self.redraw_frame)
        self.app_resume_signal.subscribe(self, self._draw_anew)

    def on_unmount(self) -> None:
        """The signals are the process's own again."""
        loop = asyncio.get_running_loop()
        for number in SIGNALS:
            loop.remove_signal_handler(number)

    # Data: poll -> snapshot -> the screen on top.

    async def _follow(self) -> None:
        async for event in self._poller.events():
            if isinstance(event, Snapshot):
                self.take(event)
            else:
                self.lose(event)

    def take(self, snapshot: Snapshot) -> None:
        """A new snapshot: the screen on top shows it, waiting keys go on."""
        regained, self.lost = self.lost is not None, None
        self.snapshot = snapshot
        self.reads += 1
        screen = self.top
        if screen is not None and not (self._frozen is not None and screen.ready):
            screen.take(snapshot)
        self.redraw_frame()
        if regained:
            self.refresh_bindings()
        self.let_keys_in()

    def lose(self, lost: Lost) -> None:
        """The database is away: the last data stays, keys that waited for it are dropped."""
        self.lost = lost
        if dropped := self.drop_waiting_keys():
            self.say(f"{dropped} waiting keys dropped: {lost.text}", bad=True)
        self.redraw_frame()
        self.refresh_bindings()

    def _readings(self) -> Sequence[AnyReading]:
        screen = self.top
        return () if screen is None or not screen.is_mounted else screen.readings()

    def show_on(self, screen: BaseScreen) -> None:
        """A screen came on top: show what is known, and read what it needs."""
        if self.snapshot is not None and not (self._frozen is not None and screen.ready):
            screen.take(self.snapshot)
        self.redraw_frame()
        self._poller.poke(whole=False)
        self.let_keys_in()

    def poke(self) -> None:
        """Read again now."""
        self._poller.poke()

    def poke_soon(self) -> None:
        """Read again when the cursor has come to rest."""
        if self._soon is not None:
            self._soon.stop()
        self._soon = self.set_timer(0.15, partial(self._poller.poke, whole=False))

    # The frame.

    def _draw_anew(self, _: App[int]) -> None:
        """Stopped and continued: the terminal has forgotten what was drawn."""
        self.screen.refresh(layout=True)

    def facts(self) -> StripFacts:
        """The status strip as of now."""
        return strip_facts(self.snapshot, self.lost, self.options, self.options.clock())

    def redraw_frame(self) -> None:
        """Bring strip, views and banners up to date."""
        screen = self.top
        if screen is not None:
            counts = tab_counts(self.snapshot.overview) if self.snapshot else {}
            screen.frame(self.facts(), counts, self._notices())

    def _notices(self) -> dict[Notice, str]:
        at = self.options.clock()
        return notices(
            self.snapshot,
            self.lost,
            at,
            frozen=shown_at(self._frozen) if self._frozen else "",
            countdown=self._desk.counting(at),
            draining=self._leaving.notice(at),
            away=self.absence.notice,
        )

    # What the keys mean.

    def say(self, text: str, *, bad: bool = False) -> None:
        """One clear line; it takes the place of the one before."""
        self._again = self._again + 1 if self.said and self.said[-1] == text else 1
        self._refused = bad
        self.said.append(text)
        self.clear_notifications()
        again = f"  ({self._again} times)" if self._again > 1 else ""
        shown = harmless(text, 400) + again
        self.notify(shown, severity="error" if bad else "information", markup=False)

    def before_key(self) -> None:
        """What could not be done goes with the next key, so that it is not taken for that one's answer."""
        if self._refused:
            self._refused = False
            self.clear_notifications()

    def screen_waits(self) -> bool:
        """Whether the screen on top has no data yet, and data may still come."""
        screen = self.screen
        return isinstance(screen, BaseScreen) and not screen.ready and self.lost is None

    def screen_stands(self) -> bool:
        """Whether the screen on top has been built."""
        return not isinstance(self.screen, BaseScreen) or self.screen.is_mounted

    def why_no_writing(self) -> str:
        """Why nothing can be changed now; empty when it can."""
        if self.options.read_only:
            return "this console is read-only"
        if self.lost is not None:
            return "no connection to the database"
        if self.snapshot is not None and self.snapshot.overview.server_read_only:
            return "the server is read-only"
        return ""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Dim what can not change anything now."""
        return None if action in WRITING and self.why_no_writing() else True

    def explain_key(self, key: str) -> None:
        """A key did nothing: say why, if it means something on this screen."""
        found = self.screen.active_bindings.get(key)
        if found is None or found.enabled:
            return
        action = found.binding.action.split("(")[0]
        node = found.node
        why = node.refusal(action) if isinstance(node, BaseScreen) else self.why_no_writing()
        if why:
            self.say(f"{found.binding.description}: {why}", bad=True)

    def keep_filter(self) -> None:
        """enter in the filter line."""
        if isinstance(self.screen, BaseScreen):
            self.screen.keep_filter()

    def drop_filter(self) -> None:
        """esc in the filter line."""
        if isinstance(self.screen, BaseScreen):
            self.screen.drop_filter()

    def copy(self, text: str) -> None:
        """To the clipboard, and on the screen for terminals that can not."""
        if text := harmless(text):  # what is pasted into a shell is an attack too
            self.copy_to_clipboard(text)
            self.say(f"Copied {text}")

    def action_pause_all(self) -> None:
        """Pause everything."""
        self.actions.pause_all()

    def action_resume_all(self) -> None:
        """Resume everything."""
        self.actions.resume_all()

    def action_note(self) -> None:
        """Leave a line for the next shift."""
        self.actions.note()

    def action_undo(self) -> None:
        """Undo my latest operation."""
        self.actions.undo()

    def action_engine(self) -> None:
        """Switch the engine."""
        self.actions.switch_engine()

    def action_freeze(self) -> None:
        """Stop showing new rows, or go on."""
        self._frozen = self.snapshot if self._frozen is None else None
        if self._frozen is None and self.snapshot is not None and self.top is not None:
            self.top.take(self.snapshot)
        self.redraw_frame()
        self.poke()

    def action_wide(self) -> None:
        """Show phones in full, or masked."""
        self.wide = not self.wide
        if self.snapshot is not None and self.top is not None:
            self.top.take(self.snapshot)

    def action_refresh(self) -> None:
        """Read again now."""
        self.say("Reading again.")
        self.poke()

    def action_leave(self) -> None:
        """Leave; asks first when nobody else sends, and drains."""
        self._leaving.ask()

    def action_leave_now(self) -> None:
        """Leave without a question; while it drains without waiting."""
        self._leaving.begin()

    def end(self, code: int) -> None:
        """End with an exit code."""
        self.exit(code, return_code=code)
