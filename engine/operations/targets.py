"""From what an operator types to what an operation acts on: a device, sequence, contact, user or host."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.operations.model import OperationRefused, Scope, Target
from engine.operations.wording import counted, listed
from engine.phones import masked
from engine.store import Database

EVERYTHING = Target(Scope.ALL)


class NotFound(OperationRefused):
    """A named thing that does not exist."""


class Ambiguous(OperationRefused):
    """A name that several things have; the text lists their ids."""


@dataclass(frozen=True, slots=True)
class Found:
    """A thing that a text may mean; `exact` = its id, or its name in the same case."""

    key: str
    name: str
    exact: bool


_QUERIES = {
    Scope.DEVICE: "operations/find_devices",
    Scope.SEQUENCE: "operations/find_sequences",
    Scope.CONTACT: "operations/find_contacts",
    Scope.USER: "operations/find_users",
    Scope.HOST: "operations/find_hosts",
}


async def find(database: Database, scope: Scope, texts: Sequence[str]) -> Target:
    """The target that these names or ids mean. Raises NotFound or Ambiguous, naming the text."""
    if scope is Scope.ALL:
        return EVERYTHING
    keys: dict[str, str] = {}
    for text in texts:
        found = await database.read(Found, _QUERIES[scope], text=text.replace("\0", ""))
        one = the_one(scope, text, found)
        keys[one.key] = one.name
    if not keys:
        raise NotFound(f"no {scope} was named")
    return Target(scope, tuple(keys), tuple(keys.values()))


def the_one(scope: Scope, text: str, found: Sequence[Found]) -> Found:
    """The one thing of these that a text means. Raises NotFound or Ambiguous, naming the text."""
    meant = [f for f in found if f.exact] or list(found)
    shown = masked(text) if scope is Scope.CONTACT else repr(text)
    if not meant:
        raise NotFound(f"there is no {scope} {shown}")
    if len(meant) > 1:
        ids = listed([f.key for f in meant])
        raise Ambiguous(f"{len(meant)} {scope}s are named {shown}; give the id: {ids}")
    return meant[0]


def described(target: Target) -> str:
    """The target as a person says it: `everything`, `device Alpha`, `3 devices`."""
    if target.scope is Scope.ALL:
        return "everything"
    if len(target.keys) > 1:
        return counted(len(target.keys), str(target.scope))
    return f"{target.scope} {named(target, target.keys[0])}"


def named(target: Target, key: str) -> str:
    """One key of a target by its name; a contact masked."""
    if target.scope is Scope.CONTACT:
        return masked(key)
    names = dict(zip(target.keys, target.names, strict=False))
    return " ".join(names.get(key, key).split())[:80]
