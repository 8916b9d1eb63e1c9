"""What the banners say at a moment: a lost database, a countdown, a pause of everything. Pure."""

from __future__ import annotations

from seqconsole.state import Lost, Snapshot, shown_at
from seqconsole.text import clock
from seqconsole.widgets.banner import Notice, frozen_text, lost_text, paused_text

READ_ONLY = (
    "The server is read-only (a standby, or set so): this console only shows; nothing is sent"
)


def notices(
    snapshot: Snapshot | None,
    lost: Lost | None,
    at: float,
    *,
    frozen: str = "",
    countdown: str = "",
    draining: str = "",
    away: str = "",
) -> dict[Notice, str]:
    """The banners at a moment `at` of the console's own clock (seconds); `frozen` is a clock text."""
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
        found[Notice.FROZEN] = frozen_text(frozen)
    if snapshot is not None and snapshot.overview.server_read_only:
        found[Notice.VIEWER] = READ_ONLY
    if draining:
        found[Notice.VIEWER] = draining
    if away:
        found[Notice.SINCE] = away
    return found


def _everything_held(snapshot: Snapshot | None) -> str:
    if snapshot is None or not snapshot.overview.everything_held:
        return ""
    view = snapshot.overview
    until = clock(view.held_until, view.now) if view.held_until else ""
    lifted = "R resumes" if view.held_by in (None, "operator") else "R does not lift it"
    return paused_text(view.everything_held or "", until, lifted)
