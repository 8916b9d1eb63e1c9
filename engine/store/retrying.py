"""One transaction again, where the database made it give way to another."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, Final, ParamSpec, TypeVar

from engine.store.errors import Conflict

log = logging.getLogger(__name__)

Given = ParamSpec("Given")
Result = TypeVar("Result")

TRIES: Final = 5


def again_on_conflict(
    work: Callable[Given, Coroutine[Any, Any, Result]],
) -> Callable[Given, Coroutine[Any, Any, Result]]:
    """For a function that is one transaction: tried TRIES times in all; then Conflict is raised."""

    @wraps(work)
    async def patient(*args: Given.args, **options: Given.kwargs) -> Result:
        for tried in range(1, TRIES):
            try:
                return await work(*args, **options)
            except Conflict as error:
                log.info("%s, conflict %d of at most %d: %s", work.__name__, tried, TRIES, error)
                await asyncio.sleep(0.05 * tried * random.uniform(0.5, 1.5))
        return await work(*args, **options)

    return patient
