"""What every operation shares (DESIGN 6): preview, pin, result."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

WAIT: Final = timedelta(seconds=10)
"""What may cause a send is applied this far ahead; undo within it takes it back with nothing sent."""


class Scope(StrEnum):
    """What a hold covers (DESIGN 5, pause)."""

    ALL = "all"
    USER = "user"
    HOST = "host"
    DEVICE = "device"
    SEQUENCE = "sequence"
    CONTACT = "contact"


class OperationRefused(Exception):
    """The operation changed nothing; the text says why, in one line."""


@dataclass(frozen=True, slots=True)
class Target:
    """A scope and the keys in it: ids as text, phone keys for contacts, `''` for everything."""

    scope: Scope
    keys: tuple[str, ...] = ("",)
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InFlight:
    """A message that was handed to the wire before the pause, and until when it may still arrive."""

    message_id: UUID
    device_id: UUID
    device_name: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Preview:
    """What an operation would do. `pinned` is the hash that apply rechecks under lock."""

    verb: str
    title: str
    lines: tuple[str, ...]
    n: int
    pinned: str
    refused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Done:
    """What an operation did: the rows really changed, what it refused, what is still in flight.

    `undoable` False: a kind that has nothing to take back.
    """

    operation_id: int | None
    n: int
    summary: str
    refused: tuple[str, ...] = ()
    in_flight: tuple[InFlight, ...] = field(default=())
    sends_from: datetime | None = None
    undoable: bool = True
