"""The model in the suite: a short seeded run with floors, and a few examples of Hypothesis."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from engine.store import Access, Database
from tests.model.machine import ACTORS, FAULTS, WORKERS, Machine
from tests.model.running import floors_of_a_short_run, run
from tests.world import World

STEPS = 500
SEED = 21
EXAMPLES = 3


def test_a_seeded_run_holds_and_is_not_empty(new_database: Callable[..., str]) -> None:
    events = run(new_database, STEPS, SEED)
    assert floors_of_a_short_run(events) == []


@pytest.fixture
def machine(new_database: Callable[..., str]) -> type[RuleBasedStateMachine]:
    """The model as a state machine of one rule, each example on a new database."""

    class Moves(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.runner = asyncio.Runner()
            self.open = AsyncExitStack()
            self.world = World.at(new_database())
            database = Database.open(Access(self.world.connection.info.dsn))
            self.model = Machine.build(
                self.runner.run(self.open.enter_async_context(database)), self.world
            )
            self.runner.run(self.model.check())

        @rule(
            actor=st.sampled_from((*WORKERS, *ACTORS)),
            fault=st.sampled_from(("none", *FAULTS)),
            pick=st.integers(0, 1 << 20),
        )
        def step(self, actor: str, fault: str, pick: int) -> None:
            self.runner.run(self.model.step(actor, fault, pick))

        def teardown(self) -> None:
            try:
                self.runner.run(self.model.check())
            finally:
                self.runner.run(self.open.aclose())
                self.runner.close()
                self.world.close()

    return Moves


def test_hypothesis_finds_no_violation(machine: type[RuleBasedStateMachine]) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=40,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
