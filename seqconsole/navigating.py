"""Where one is: the views, the screens that lie over them, the way there and back."""

from __future__ import annotations

from uuid import UUID

from seqconsole.absence_desk import AbsenceDesk
from seqconsole.keys_in_order import KeysInOrder
from seqconsole.readings import Subject
from seqconsole.screens.base import BaseScreen
from seqconsole.screens.explain import ExplainScreen
from seqconsole.screens.since import SinceScreen
from seqconsole.screens.views import LISTS
from seqconsole.widgets.help_screen import HelpScreen, help_parts
from seqconsole.widgets.view_tabs import VIEWS, ViewTabs

_NAMES = {view.key: view.name for view in VIEWS}


class Navigating(KeysInOrder):
    """The part of the console that goes from screen to screen."""

    MODES = LISTS
    DEFAULT_MODE = "1"
    absence: AbsenceDesk

    def say(self, text: str, *, bad: bool = False) -> None:
        """One clear line."""
        raise NotImplementedError

    def show_on(self, screen: BaseScreen) -> None:
        """A screen came on top: show what is known, and read what it needs."""
        raise NotImplementedError

    def redraw_frame(self) -> None:
        """Bring strip, views and banners up to date."""
        raise NotImplementedError

    @property
    def top(self) -> BaseScreen | None:
        """The console's screen on top, questions and help over it left aside."""
        stack = self.screen_stack if self._screen_stacks.get(self.current_mode) else []
        return next((each for each in reversed(stack) if isinstance(each, BaseScreen)), None)

    def explain(self, subject: Subject, id: UUID, title: str) -> None:
        """Show the gates of a thing."""
        view = self.top.view if self.top else self.DEFAULT_MODE
        self.push_screen(ExplainScreen(view, subject, id, title))

    def go_back(self) -> None:
        """The screen before; on a view's own list only the line since when one was away goes."""
        if len(self.screen_stack) > 1:
            self.pop_screen()
        elif self.absence.hide():
            self.redraw_frame()
        else:
            self.say("This is the view's own list: nothing is before it. q quits.")

    async def action_view(self, view: str) -> None:
        """A view's key: show it; again, go back to its list."""
        if view == self.current_mode and len(self.screen_stack) == 1:
            self.say(f"This is {_NAMES[view]} already.")
        await self.show_view(view)

    async def show_view(self, view: str) -> None:
        """The list of a view, on top."""
        if view == self.current_mode:
            while len(self.screen_stack) > 1:
                await self.pop_screen()
            return
        await self.switch_mode(view)
        if self.top is not None:
            self.show_on(self.top)

    def action_since(self) -> None:
        """What changed since this operator was last here."""
        if not isinstance(self.top, SinceScreen):
            self.absence.watch()
            self.push_screen(SinceScreen(self.current_mode))

    async def action_next_view(self, by: int) -> None:
        """The next view, or the one before."""
        keys = list(LISTS)
        await self.show_view(keys[(keys.index(self.current_mode) + by) % len(keys)])

    async def on_view_tabs_chosen(self, message: ViewTabs.Chosen) -> None:
        """A click on a view."""
        await self.show_view(message.view)

    def action_help(self) -> None:
        """The keys of this screen."""
        if isinstance(self.screen, BaseScreen):
            self.push_screen(HelpScreen(self.screen.NAME, help_parts(self.screen)))
