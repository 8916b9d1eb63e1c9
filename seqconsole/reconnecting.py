"""The key that reconnects devices: takes long, so other keys go on; its result is one line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.operations.model import OperationRefused, Target
from engine.store.errors import StoreError
from seqconsole.settings import SettingsError
from seqconsole.text import count, harmless

if TYPE_CHECKING:
    from seqconsole.actions import Desk, Verbs


async def reconnect(verbs: Verbs, desk: Desk, target: Target) -> None:
    """Let the gateways of these devices connect them anew, and say what came of it."""
    n = len(target.keys)
    what = harmless(target.names[0], 60) if n == 1 else f"{count(n)} devices"
    desk.say(f"Reconnecting {what}…")
    try:
        done = await verbs.reconnect(target)
    except (OperationRefused, StoreError, SettingsError) as error:
        desk.say(harmless(error, 300), bad=True)
    # An action must never end the console; the kind of a fault is all that may be shown.
    except Exception as error:
        desk.say(f"internal error ({type(error).__name__})", bad=True)
    else:
        line = harmless(done.summary[:1].upper() + done.summary[1:], 300)
        line += f" · {harmless(done.refused[0], 200)}" if done.refused else ""
        desk.say(line, bad=done.n < n)
        desk.poke()
