"""What the banners say at a moment: a lost database, a countdown, a pause of everything. Pure."""

from __future__ import annotations

from seqconsole.state import Lost, Snapshot, shown_at
from seqconsole.text import clock
from seqconsole.widgets.banner import Notice, frozen_text, lost_text, paused_text


def notices(
    snapshot: Snapshot | None,
    lost: Lost | None,
    at: float,
    *,
    frozen: bool = False,
    countdown: str = "",
    draining: str = "",
) -> dict[Notice, str]:
    """The banners at a moment `at` of the console's own clock (seconds)."""
    found: dict[Notice, str] = {}
    if lost is not None:
        since = at - (snapshot.read_at if snapshot else lost.since)
        found[Notice.LOST] = lost_text(
            since, lost.text, lost.attempt, lost.next_try - at, shown_at(snapshot)
        )
    if countdown:
        found[Notice.COUNTDOWN] = countdown
    if held := _everything_held(snapshot):
        found[Notice.PAUSED] = held
    if frozen:
        found[Notice.FROZEN] = frozen_text(shown_at(snapshot))
    if draining:
        found[Notice.VIEWER] = draining
    return found


def _everything_held(snapshot: Snapshot | None) -> str:
    if snapshot is None or not snapshot.overview.everything_held:
        return ""
    view = snapshot.overview
    until = clock(view.held_until, view.now) if view.held_until else ""
    return paused_text(view.everything_held or "", until)
