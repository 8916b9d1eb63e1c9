"""The status strip: one line that keeps the alarming facts at any width (DESIGN 7)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from seqconsole.text import ago, harmless, short_count
from seqconsole.widgets.cells import cell_width
from seqconsole.widgets.tones import Piece, Tone, TonedLine, fit_pieces


class EngineState(StrEnum):
    """What the strip says of the engine: off, on, on but behind, with no worker, with everything held."""

    OFF = "off"
    ON = "on"
    LAGGING = "lagging"
    IDLE = "no worker"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class StripFacts:
    """The facts of one snapshot; None is not known yet. Counts are rows, ages seconds."""

    database: str
    production: bool = False
    engine: EngineState | None = None
    workers: int | None = None
    sends_a_minute: int | None = None
    queued: int | None = None
    duplicates: int | None = None
    paused: int | None = None
    offline: int | None = None
    unknown: int | None = None
    age: float | None = None
    stale_after: float = 5.0
    alarms: tuple[str, ...] = ()
    read_only: bool = False
    clock_note: str = ""
    lost: str = ""


@dataclass(frozen=True, slots=True)
class _Item:
    """One fact in a long, a short and a shortest form; the lowest `rank` is kept longest."""

    rank: int
    tone: Tone
    forms: tuple[str, ...]


_ALARMING = 10
_CALM = 30


def strip_text(facts: StripFacts, width: int) -> list[Piece]:
    """The facts as pieces that fit a width: alarming ones first kept, then first spelled out."""
    items = list(_items(facts))
    forms = _fitting_forms(items, width)
    pieces: list[Piece] = []
    for at, item in enumerate(items):
        if at in forms:
            if pieces:
                pieces.append((_GAP, Tone.PLAIN))
            pieces.append((item.forms[forms[at]], item.tone))
    return fit_pieces(pieces, width)


_GAP = "  "


def _fitting_forms(items: Sequence[_Item], width: int) -> dict[int, int]:
    """For each item that is shown, by its place, the number of the form it is shown in."""
    by_rank = sorted(range(len(items)), key=lambda at: items[at].rank)
    chosen: dict[int, int] = {}
    left = width + len(_GAP)
    for at in by_rank:
        need = cell_width(items[at].forms[-1]) + len(_GAP)
        if need <= left or not chosen:
            chosen[at] = len(items[at].forms) - 1
            left -= need
    # A production database is named first; then what is only a glyph gets its word, then the
    # others a step more, then the first ones all words.
    named = [at for at in by_rank if items[at].rank == 0]
    wordless = [at for at in reversed(by_rank) if not _has_word(items[at].forms[-1])]
    for turn in (named, wordless, [at for at in by_rank if at not in wordless], by_rank):
        for at in (at for at in turn if chosen.get(at, 0) > 0):
            forms, form = items[at].forms, chosen[at]
            more = cell_width(forms[form - 1]) - cell_width(forms[form])
            if more <= left:
                chosen[at] = form - 1
                left -= more
    return chosen


def _has_word(text: str) -> bool:
    return any(character.isalpha() for character in text)


def _items(facts: StripFacts) -> Iterator[_Item]:
    """The facts in the order they are read, from left to right."""
    name = harmless(facts.database, 40)
    if facts.production:
        forms = (f" PRODUCTION {name} ", f" PROD {name} ", " PROD ")
        yield _Item(0, Tone.ALARM, forms)
    else:
        yield _Item(8, Tone.STRONG, (f"seqconsole {name}", name))
    if facts.read_only:
        yield _Item(7, Tone.BADGE, (" READ ONLY ", " RO "))
    if facts.lost:
        yield _Item(1, Tone.BAD, (f"× {harmless(facts.lost, 80)}", "× LOST"))
    yield _engine(facts)
    if facts.alarms:
        yield _alarms(facts.alarms)
    yield _counted(facts.duplicates, "═", ("duplicates", "dup", "dup"), Tone.BAD, 3)
    yield _counted(facts.unknown, "?", ("unknown", "unknown", "unk"), Tone.BAD, 4)
    yield _counted(facts.paused, "‖", ("paused", "paused", "‖"), Tone.WARN, 6)
    yield _counted(facts.offline, "○", ("offline", "offline", "○"), Tone.BAD, 5)
    yield _counted(facts.queued, "", ("queued", "queued", "q"), Tone.PLAIN, _CALM)
    if facts.sends_a_minute is not None:
        rate = short_count(facts.sends_a_minute)
        yield _Item(_CALM + 1, Tone.PLAIN, (f"{rate} sends/min", f"{rate}/min", f"{rate}/m"))
    yield _workers(facts)
    yield _age(facts)
    if facts.clock_note:
        yield _Item(9, Tone.WARN, (harmless(facts.clock_note, 30),))


def _engine(facts: StripFacts) -> _Item:
    if facts.engine is None:
        return _Item(_CALM, Tone.MUTED, ("◆ engine —", "◆ —"))
    tone = {EngineState.ON: Tone.OK, EngineState.LAGGING: Tone.WARN}.get(facts.engine, Tone.BAD)
    short = {EngineState.LAGGING: "lag", EngineState.IDLE: "no worker"}.get(
        facts.engine, str(facts.engine)
    )
    return _Item(2, tone, (f"◆ engine {facts.engine}", f"◆ {short}", f"◆ {short}"))


def _alarms(alarms: tuple[str, ...]) -> _Item:
    first = harmless(alarms[0], 60)
    more = f" +{len(alarms) - 1}" if len(alarms) > 1 else ""
    word = "alarm" if len(alarms) == 1 else "alarms"
    return _Item(2, Tone.BAD, (f"▲ {first}{more}", f"▲ {len(alarms)} {word}", f"▲ {len(alarms)}"))


def _counted(
    number: int | None, glyph: str, words: tuple[str, str, str], tone: Tone, rank: int
) -> _Item:
    """A count with its word; zero or not known is no alarm and goes first when room is short."""
    text = "—" if number is None else short_count(number)
    rank = rank if number else max(rank, _CALM + rank % 10)
    long, middle, short = words
    lead = f"{glyph} " if glyph else ""
    forms = (f"{lead}{long} {text}", f"{middle} {text}", f"{short} {text}")
    calm = Tone.MUTED if tone is not Tone.PLAIN or number is None else Tone.PLAIN
    return _Item(rank, tone if number else calm, forms)


def _workers(facts: StripFacts) -> _Item:
    if facts.workers is None:
        return _Item(_CALM + 9, Tone.MUTED, ("workers —", "— w"))
    word = "worker" if facts.workers == 1 else "workers"
    tone = Tone.PLAIN if facts.workers else Tone.MUTED
    return _Item(_CALM + 2, tone, (f"{facts.workers} {word}", f"{facts.workers}w"))


def _age(facts: StripFacts) -> _Item:
    old = facts.age is not None and facts.age > facts.stale_after
    text = ago(facts.age)
    if old:
        return _Item(_ALARMING - 8, Tone.BAD, (f"× data {text} old", f"× {text} old"))
    return _Item(_CALM + 3, Tone.MUTED, (f"data {text}", text))


class StatusStrip(TonedLine):
    """The strip on the first line of every screen."""

    DEFAULT_CSS = """
    StatusStrip { background: $panel; padding: 0 1; }
    StatusStrip.-production { background: $error-muted; }
    StatusStrip.-production:ansi { background: ansi_default; }
    """

    def __init__(self, facts: StripFacts, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.facts = facts
        self._drawn: list[Piece] = []

    def on_mount(self) -> None:
        """The colour of a production database from the first frame."""
        self.set_class(self.facts.production, "-production")

    def show(self, facts: StripFacts) -> None:
        """Show the facts of a new snapshot; drawn again only when the line differs."""
        if facts.production is not self.facts.production:
            self.set_class(facts.production, "-production")
        self.facts = facts
        if self._drawn != self.pieces(self.size.width):
            self.refresh()

    def pieces(self, width: int) -> list[Piece]:
        """The line at a width."""
        self._drawn = strip_text(self.facts, width)
        return self._drawn
