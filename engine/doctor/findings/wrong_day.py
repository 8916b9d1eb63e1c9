"""Contact rows whose day number is not their step's."""

from __future__ import annotations

from engine.doctor.model import Check

CHECK = Check(
    name="wrong-day",
    title="rows with another day number",
    what="Contact rows of which current_step is not the day number of their step.",
    why="The step id decides here. Repairs that go by current_step delete real steps.",
    unit="contact rows",
    repair="The statement gives all rows the day number of their step",
    grave=False,
)
