"""The webhooks of one gateway: how they are signed, read and taken."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from engine.receiving.events import Event


@dataclass(frozen=True, slots=True)
class Hook:
    """`read` finds the events of a body, `take` takes them; `token` is what Meta must say to verify."""

    name: str
    secret: bytes = field(repr=False)
    read: Callable[[object], list[Event]]
    take: Callable[[Sequence[Event]], Awaitable[None]]
    token: str = field(default="", repr=False)
