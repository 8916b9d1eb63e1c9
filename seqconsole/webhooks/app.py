"""The ASGI application that takes webhooks: `POST /hook/NAME`, and Meta's question there; `GET /health`.

It answers 200 once all is in the database, or on disk where that is away; 503 asks the gateway for it again.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from engine.receiving.events import Event, Unreadable
from engine.store import StoreError
from seqconsole.webhooks.hooks import Hook
from seqconsole.webhooks.refusals import Refusals
from seqconsole.webhooks.signature import HEADER, is_signed, signature_in
from seqconsole.webhooks.spool import Spool

log = logging.getLogger(__name__)

AWAY: Final = 5.0
"""Seconds for which a database that failed is not asked again."""
CHALLENGE: Final = 256
"""Characters of Meta's challenge that are given back at most."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds, bytes and numbers. `requests` are inside at once, `works` of them wait for the database."""

    body: int = 3 * 1024 * 1024
    body_seconds: float = 10.0
    answer_seconds: float = 8.0
    requests: int = 64
    works: int = 48


class Refused(Exception):
    """A request that is not taken: the status, and the word that the log has for it."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status
        self.why = why


class Door:
    """Answers requests within the limits. `alive` raises a StoreError where the database is away.

    `spool` keeps what the database can't take now.
    """

    def __init__(
        self,
        hooks: Sequence[Hook],
        alive: Callable[[], Awaitable[None]],
        limits: Limits | None = None,
        spool: Spool | None = None,
    ) -> None:
        self._hooks: Mapping[str, Hook] = {hook.name: hook for hook in hooks}
        self._alive = alive
        self._limits = limits or Limits()
        self._spool = spool
        self._inside = 0
        self._away_until = 0.0
        self._works = asyncio.Semaphore(self._limits.works)
        self._refusals = Refusals()

    def application(self) -> Starlette:
        """The ASGI application."""
        return Starlette(
            routes=[
                Route("/hook/{name}", self._webhook, methods=["POST"]),
                Route("/hook/{name}", self._question, methods=["GET"]),
                Route("/health", self._health, methods=["GET"]),
            ]
        )

    async def _webhook(self, request: Request) -> Response:
        return await self._limited(request, self._take)

    async def _question(self, request: Request) -> Response:
        return await self._limited(request, self._challenge)

    async def _health(self, request: Request) -> Response:
        return await self._limited(request, self._healthy)

    async def _limited(
        self, request: Request, work: Callable[[Request], Awaitable[str]]
    ) -> Response:
        """Do the work unless too much is going on; no answer tells more than its status."""
        if self._inside >= self._limits.requests:
            return self._refused(Refused(503, "too many at once"))
        self._inside += 1
        try:
            return PlainTextResponse(await work(request))
        except Refused as refused:
            return self._refused(refused)
        except ClientDisconnect:
            return self._refused(Refused(400, "gone before its body"))
        except Exception as error:  # a fault of ours: never a traceback with a body in it
            return self._refused(Refused(500, f"fault: {type(error).__name__}"))
        finally:
            self._inside -= 1

    def _refused(self, refused: Refused) -> Response:
        self._refusals.count(refused.why)
        again = {"retry-after": "5"} if refused.status in (429, 503) else {}
        return PlainTextResponse("refused", refused.status, headers=again)

    async def _take(self, request: Request) -> str:
        hook = self._hooks.get(request.path_params["name"])
        if hook is None:
            raise Refused(404, "no such webhook")
        signature = signature_in(request.headers.getlist(HEADER))
        if signature is None:
            raise Refused(401, "no signature")
        body = await self._body(request)
        if not is_signed(body, hook.secret, signature):
            raise Refused(401, "wrong signature")
        events = _events(hook, body)
        if events:
            await self._keep(hook, body, events)
        return "ok"

    async def _keep(self, hook: Hook, body: bytes, events: Sequence[Event]) -> None:
        """In the database; where that is away, on disk: then nobody waits for it for some seconds."""
        now = asyncio.get_running_loop().time()
        if now < self._away_until and await self._kept(hook, body, "database away"):
            return
        try:
            await self._within(hook.take(events))
        except Refused as refused:
            if not await self._kept(hook, body, refused.why):
                raise
            self._away_until = asyncio.get_running_loop().time() + AWAY

    async def _kept(self, hook: Hook, body: bytes, why: str) -> bool:
        if self._spool is None or not await asyncio.to_thread(self._spool.keep, hook.name, body):
            return False
        self._refusals.count(f"kept on disk: {why}", "webhook")
        return True

    async def _body(self, request: Request) -> bytes:
        if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
            raise Refused(415, "compressed body")
        length = request.headers.get("content-length", "0")
        if not length.isdecimal() or int(length[:12]) > self._limits.body:
            raise Refused(413, "body too big")
        parts: list[bytes] = []
        size = 0
        try:
            async with asyncio.timeout(self._limits.body_seconds):
                async for part in request.stream():
                    size += len(part)
                    if size > self._limits.body:
                        raise Refused(413, "body too big")
                    parts.append(part)
        except TimeoutError:
            raise Refused(408, "body too slow") from None
        return b"".join(parts)

    async def _within(self, work: Awaitable[None]) -> None:
        """Bounded in number and time; what raises is undone, and comes again."""
        try:
            async with asyncio.timeout(self._limits.answer_seconds), self._works:
                await work
        except TimeoutError:
            raise Refused(503, "database too slow") from None
        except StoreError as error:
            raise Refused(503, f"database: {error}") from None
        finally:
            if asyncio.iscoroutine(work):
                work.close()

    async def _challenge(self, request: Request) -> str:
        hook = self._hooks.get(request.path_params["name"])
        given = request.query_params
        token = given.get("hub.verify_token", "").encode()
        challenge = given.get("hub.challenge", "")
        if hook is None or not hook.token or given.get("hub.mode") != "subscribe":
            raise Refused(404, "no such question")
        if not hmac.compare_digest(token, hook.token.encode()):
            raise Refused(403, "wrong token")
        if not challenge.isprintable() or len(challenge) > CHALLENGE:
            raise Refused(400, "no challenge")
        return challenge

    async def _healthy(self, request: Request) -> str:
        await self._within(self._alive())
        return "ok"


def _events(hook: Hook, body: bytes) -> list[Event]:
    try:
        return hook.read(json.loads(body))
    except (Unreadable, ValueError, RecursionError):
        raise Refused(400, "not readable") from None
