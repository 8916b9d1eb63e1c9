"""The poller: snapshots, losses, back-off, one panel's failure."""

from __future__ import annotations

import asyncio

import pytest

from engine.store.errors import Busy, DatabaseUnavailable, Refused
from seqconsole.poller import LONGEST_WAIT, Poller
from seqconsole.readings import ReadGates, ReadJournal, ReadMessages, Subject
from seqconsole.state import Lost, Snapshot
from tests.console.fakes import FakeSource
from tests.console.figures import JOURNAL, uid

pytestmark = pytest.mark.anyio


async def test_it_answers_what_is_wanted_and_nothing_else() -> None:
    source = FakeSource()
    wanted = (ReadJournal(), ReadGates(Subject.DEVICE, uid(1)))
    event = await anext(Poller(source, lambda: wanted, interval=0).events())
    assert isinstance(event, Snapshot)
    assert event.rows_of(ReadJournal()) == JOURNAL
    assert event.rows_of(ReadMessages()) is None
    assert set(event.answers) == set(wanted)


async def test_what_one_panel_can_not_read_is_no_loss() -> None:
    source = FakeSource(journal_error=Refused("missing privilege on demo: operations"))
    event = await anext(
        Poller(source, lambda: (ReadJournal(), ReadMessages()), interval=0).events()
    )
    assert isinstance(event, Snapshot)
    assert event.failures == {ReadJournal(): "missing privilege on demo: operations"}
    assert event.rows_of(ReadMessages())


async def test_an_unforeseen_error_shows_its_kind_only() -> None:
    source = FakeSource(journal_error=KeyError("secret"))
    event = await anext(Poller(source, lambda: (ReadJournal(),), interval=0).events())
    assert isinstance(event, Snapshot)
    assert event.failures == {ReadJournal(): "internal error (KeyError)"}


async def test_it_tries_for_ever_with_longer_waits_and_counts_anew() -> None:
    source = FakeSource(error=DatabaseUnavailable("cannot reach demo: refused"))
    now = 100.0
    poller = Poller(source, lambda: (), interval=0.001, clock=lambda: now)
    events = poller.events()
    lost = [await anext(events) for _ in range(4)]
    assert all(isinstance(event, Lost) for event in lost)
    assert [event.attempt for event in lost if isinstance(event, Lost)] == [1, 2, 3, 4]
    waits = [event.next_try - now for event in lost if isinstance(event, Lost)]
    assert waits == sorted(waits)
    assert max(waits) <= LONGEST_WAIT
    source.error = None
    assert isinstance(await anext(events), Snapshot)
    source.error = DatabaseUnavailable("again")
    again = await anext(events)
    assert isinstance(again, Lost)
    assert again.attempt == 1


async def test_a_poke_reads_at_once() -> None:
    source = FakeSource()
    poller = Poller(source, lambda: (), interval=3600)
    events = poller.events()
    await anext(events)
    waiting = asyncio.ensure_future(anext(events))
    await asyncio.sleep(0)
    poller.poke()
    assert isinstance(await asyncio.wait_for(waiting, 5), Snapshot)


@pytest.mark.parametrize(("error", "tries"), [(Refused("may not"), 1), (Busy("locked"), 3)])
async def test_a_roll_up_that_is_refused_is_not_tried_again(error: Exception, tries: int) -> None:
    class Source(FakeSource):
        async def roll_up(self) -> None:
            await super().roll_up()
            raise error

    source = Source(facts={"workers": 0})
    events = Poller(source, lambda: (), interval=0).events()
    for _ in range(3):
        assert isinstance(await anext(events), Snapshot)
    assert source.asked == ["roll_up"] * tries
