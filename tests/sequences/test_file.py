"""A sequence as TOML: what is written is read again, and a mistake is named in one line."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.sequences.file import BadSequence, SequenceText, StepText, read, written

text = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=60)
said = text.filter(lambda t: t.strip() != "")


def step(day: int) -> st.SearchStrategy[StepText]:
    wait = st.none() | st.integers(0, 100)
    valid = st.sampled_from(
        [(), (("valid_for", "2d"),), (("valid_for", "90m"),), (("valid_for", "none"),)]
    )
    return st.builds(
        StepText,
        st.just(day),
        wait,
        said,
        said,
        media=st.none() | text,
        caption=st.none() | text,
        settings=valid,
    )


@settings(max_examples=40, deadline=None)
@given(said, st.integers(1, 4).flatmap(lambda n: st.tuples(*(step(d) for d in range(1, n + 1)))))
def test_what_is_written_is_read_again(name: str, steps: tuple[StepText, ...]) -> None:
    set_of = (
        ("on_failure", "skip"),
        ("on_reply", "go on"),
        ("weight", "0.5"),
        ("name_fallback", "Cik"),
    )
    made = SequenceText(name.strip(), "COLD", steps, ("city",), set_of)
    file = written(made)
    assert read(file) == made
    assert re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e]", file) is None


def test_it_is_made_for_reading() -> None:
    steps = (StepText(1, 0, "text", 'Hi {name},\nsay "yes"'), StepText(3, None, "image", None, "http://x/y.png", "c"))  # fmt: skip
    assert written(SequenceText("Welcome", "COLD", steps)).splitlines()[2:] == [
        "",
        'name = "Welcome"',
        'trigger = "COLD"',
        "",
        "[[step]]",
        "day = 1",
        "wait_hours = 0",
        'type = "text"',
        'text = """',
        "Hi {name},",
        'say \\"yes\\""""',
        "",
        "[[step]]",
        "day = 3",
        'type = "image"',
        'media = "http://x/y.png"',
        'caption = "c"',
    ]


STEP = '[[step]]\nday = 1\ntext = "x"\n'


@pytest.mark.parametrize(
    ("file", "why"),
    {
        "name =": "this is no TOML",
        STEP: "the file has no name",
        'name = "a"': r"no \[\[step\]\]",
        f'name = "a"\n{STEP}{STEP}': "two steps have day 1",
        'name = "a"\n[[step]]\ntext = "x"': "step 1 has no day",
        'name = "a"\n[[step]]\nday = 1': "neither text nor media",
        f'name = "a"\n{STEP}wait = 3': "step 1 has 'wait'",
        f'name = "a"\n{STEP}wait_hours = -1': "a whole number from 0",
        f'name = "a"\n{STEP}wait_hours = true': "a whole number from 0",
        f'name = "a"\ntrigger = "x,y"\n{STEP}': "one word without a comma",
        f'name = "a"\ncolumns = ["1"]\n{STEP}': "a list of words",
        f'name = "a"\non_failure = "stop"\n{STEP}': "can hold or skip",
        f'name = "a"\non_reply = "x"\n{STEP}': "the file: on_reply is one of go on, pause, end",
        f'name = "a"\nweight = 0\n{STEP}': "a weight is a number",
        f'name = "a"\nweight = "default"\n{STEP}': "leave it out",
        f'name = "a"\n{STEP}valid_for = "soon"': "step 1: 'soon' is no length of time",
        f'name = 1\n{STEP}': "name is a text",
        'name = "a"\nstep = [1]': r"no \[\[step\]\]",
    }.items(),
)  # fmt: skip
def test_a_mistake_is_named(file: str, why: str) -> None:
    with pytest.raises(BadSequence, match=why):
        read(file)
