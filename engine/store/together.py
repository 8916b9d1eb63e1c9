"""Questions of one pipelined transaction asked at once: one way to the server and back for all of them."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar, cast

A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")
E = TypeVar("E")
F = TypeVar("F")


async def together(
    a: Coroutine[Any, Any, A],
    b: Coroutine[Any, Any, B],
    c: Coroutine[Any, Any, C],
    d: Coroutine[Any, Any, D],
    e: Coroutine[Any, Any, E],
    f: Coroutine[Any, Any, F],
) -> tuple[A, B, C, D, E, F]:
    """Their answers. All have ended when it returns or raises: none uses the connection afterwards."""
    found = await asyncio.gather(a, b, c, d, e, f, return_exceptions=True)
    for answer in found:
        if isinstance(answer, BaseException):
            raise answer
    return cast("tuple[A, B, C, D, E, F]", tuple(found))
