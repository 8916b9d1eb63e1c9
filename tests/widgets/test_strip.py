"""The lines around the grid: alarming facts survive, and nothing overflows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.app import App, ComposeResult

from seqconsole.widgets.banner import Banner, Notice, countdown_text, frozen_text, lost_text
from seqconsole.widgets.count_line import CountFacts, CountLine, count_pieces
from seqconsole.widgets.status_strip import EngineState, StatusStrip, StripFacts, strip_text
from seqconsole.widgets.tones import Piece, Tone
from seqconsole.widgets.view_tabs import VIEWS, ViewTabs, tabs

BUSY = StripFacts(
    "main",
    engine=EngineState.ON,
    workers=3,
    sends_a_minute=481,
    queued=739_412,
    duplicates=41,
    paused=412,
    offline=61,
    unknown=3,
    age=1.0,
    alarms=("due but claimable by nobody: 12",),
)


def words(pieces: list[Piece]) -> str:
    return "".join(text for text, _ in pieces)


def tone_of(pieces: list[Piece], part: str) -> Tone:
    return next(tone for text, tone in pieces if part in text)


def test_at_80_columns_every_fact_is_there() -> None:
    pieces = strip_text(BUSY, 78)
    for part in ("main", "◆ on", "▲ 1", "dup 41", "unk 3", "paused 412", "offline 61", "q 739k",
                 "481/m", "3w", "1s"):  # fmt: skip
        assert part in words(pieces), part
    assert tone_of(pieces, "dup") is Tone.BAD
    assert tone_of(pieces, "paused") is Tone.WARN


def test_where_there_is_room_facts_are_spelled_out() -> None:
    text = words(strip_text(BUSY, 240))
    assert text == (
        "seqconsole main  ◆ engine on  ▲ due but claimable by nobody: 12  ═ duplicates 41  "
        "? unknown 3  ‖ paused 412  ○ offline 61  queued 739k  481 sends/min  3 workers  data 1s"
    )


def test_with_everything_wrong_the_alarming_facts_survive_at_80() -> None:
    facts = StripFacts(
        "customers_live",
        production=True,
        engine=EngineState.OFF,
        workers=12,
        sends_a_minute=12_000,
        queued=51_000_000,
        duplicates=41_000,
        paused=2412,
        offline=1061,
        unknown=312,
        age=93.0,
        alarms=("a", "b"),
        read_only=True,
        clock_note="clock +3h",
        lost="server closed the connection",
    )
    pieces = strip_text(facts, 78)
    text = words(pieces)
    for part in ("PROD", "RO", "LOST", "◆ off", "▲ 2", "dup 41k", "unk 312", "1m old", "○ 1061"):
        assert part in text, part
    assert tone_of(pieces, "PROD") is Tone.ALARM
    assert tone_of(pieces, "old") is Tone.BAD
    assert "PRODUCTION customers_live" in words(strip_text(facts, 200))


def test_a_calm_or_unknown_fact_is_no_alarm() -> None:
    calm = StripFacts("x", duplicates=0, unknown=0, paused=0, offline=0, queued=0)
    tones = {tone for _, tone in strip_text(calm, 120)}
    assert not tones & {Tone.BAD, Tone.WARN, Tone.ALARM}
    assert "duplicates 0" in words(strip_text(calm, 160))
    assert "duplicates —" in words(strip_text(StripFacts("x"), 160))


COUNTS = st.none() | st.integers(0, 10**9)


@given(
    st.builds(
        StripFacts,
        st.text(max_size=60),
        production=st.booleans(),
        engine=st.none() | st.sampled_from(EngineState),
        workers=COUNTS,
        sends_a_minute=COUNTS,
        queued=COUNTS,
        duplicates=COUNTS,
        paused=COUNTS,
        offline=COUNTS,
        unknown=COUNTS,
        age=st.none() | st.floats(0, 1e6),
        alarms=st.lists(st.text(min_size=1, max_size=80), max_size=3).map(tuple),
        read_only=st.booleans(),
        clock_note=st.text(max_size=40),
        lost=st.text(max_size=100),
    ),
    st.integers(1, 250),
)
def test_the_strip_never_overflows(facts: StripFacts, width: int) -> None:
    assert cell_len(words(strip_text(facts, width))) <= width
    if facts.production and width >= 6:
        assert "PROD" in words(strip_text(facts, width))


@pytest.mark.parametrize("active", [view.key for view in VIEWS])
def test_views_fit_80_columns(active: str) -> None:
    drawn = tabs(VIEWS, active, {"3": 41_000, "5": 12}, 78)
    assert drawn[-1].x + cell_len(drawn[-1].text) <= 78
    assert [tab.text.strip(" ›")[0] for tab in drawn] == list("123456")
    [marked] = [tab for tab in drawn if tab.text.startswith("›")]
    assert (marked.view.key, marked.tone) == (active, Tone.BADGE)
    assert "(41k)" in drawn[2].text
    full = tabs(VIEWS, active, {"3": 41}, 78)
    assert [tab.view.name in tab.text for tab in full] == [True] * 6


def test_views_shorten_until_the_keys_alone_are_left() -> None:
    short = tabs(VIEWS, "1", {"3": 41}, 60)
    assert [tab.text.strip(" ›") for tab in short][:3] == ["1 Dev", "2 Seq", "3 Dup (41)"]
    bare = tabs(VIEWS, "2", {"3": 41}, 30)
    assert [tab.text.strip(" ›") for tab in bare] == ["1", "2 Seq", "3", "4", "5", "6"]


def test_counts_tell_marks_and_filter_first() -> None:
    facts = CountFacts(18_402, 51_220, "queue", True, 3, True, "state:paused", "17 stuck", "10:41")
    assert words(count_pieces(facts, 200)) == (
        "18 402 of 51 220 · ● 3 marked · span: v ends it · /state:paused · 17 stuck · "
        "by queue ▼ · 10:41"
    )
    assert words(count_pieces(facts, 40)).startswith("18 402 of 51 220 · ● 3 marked")
    assert cell_len(words(count_pieces(facts, 40))) <= 40


def test_banner_texts() -> None:
    lost = lost_text(14, "server\x1b closed the connection", 3, 4, "10:41:07")
    assert lost == (
        "× Connection lost 10s ago. Retry 3 in 4s. Showing 10:41:07. "
        "server\\x1b closed the connection"
    )
    assert "Retry 1 now" in lost_text(0, "x", 1, 0, "—")
    assert frozen_text("10:41:07") == "‖ Frozen at 10:41:07 · f goes on"
    assert (
        countdown_text("resume 412 devices", 8) == "◐ In 8s: resume 412 devices · z takes it back"
    )


class LinesApp(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.chosen: list[str] = []

    def compose(self) -> ComposeResult:
        yield StatusStrip(BUSY)
        yield Banner()
        yield ViewTabs("1")
        yield CountLine()

    def on_view_tabs_chosen(self, message: ViewTabs.Chosen) -> None:
        self.chosen.append(message.view)


@pytest.mark.anyio
async def test_the_lines_on_a_screen() -> None:
    app = LinesApp()
    async with app.run_test(size=(80, 24)) as pilot:
        strip, banner, views = (app.query_one(kind) for kind in (StatusStrip, Banner, ViewTabs))
        assert "dup 41" in strip.render_line(0).text
        assert cell_len(strip.render_line(0).text) == strip.size.width
        strip.show(StripFacts("main", production=True))
        await pilot.pause()
        assert strip.has_class("-production")
        assert " PROD main " in strip.render_line(0).text
        assert banner.size.height == 0
        banner.say(Notice.FROZEN, frozen_text("10:41:07"))
        banner.say(Notice.LOST, "× lost")
        await pilot.pause()
        assert [notice for notice, _ in banner.lines] == [Notice.LOST, Notice.FROZEN]
        assert banner.size.height == 2
        assert banner.render_line(0).text.startswith(" × lost")
        banner.say(Notice.LOST, None)
        banner.say(Notice.FROZEN, None)
        await pilot.pause()
        assert banner.size.height == 0
        views.set_count("3", 41)
        views.set_active("3")
        await pilot.pause()
        x = views.text().index("Journal") + 1
        await pilot.click(ViewTabs, offset=(x + 1, 0))
        await pilot.pause()
        assert app.chosen == ["6"]
        assert "›3 Duplicates (41)" in views.render_line(0).text
