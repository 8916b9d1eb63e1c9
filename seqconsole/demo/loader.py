"""Fills an empty database with the demo's rows: the operator's tables only, as another
application would have left them. The schema seqconsole comes by adoption, afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from engine.store.database import Database
from seqconsole.demo.catalogue import as_uuid
from seqconsole.demo.dataset import DemoSize, generate


@dataclass(frozen=True, slots=True)
class LoadedDemo:
    """What the demo must tell its simulated gateway, and how many rows were loaded.

    The gateway finds `offline_devices` offline and answers nothing but errors for
    `failing_device`; `full_device` has just sent its 80 of the hour.
    """

    offline_devices: tuple[UUID, ...]
    failing_device: UUID
    full_device: UUID
    contact_rows: int
    messages: int


async def load(database: Database, size: DemoSize, now: datetime) -> LoadedDemo:
    """Create the operator's tables and fill them, all in one transaction, then ANALYZE.

    Raises StoreError, among others where the tables exist already.
    """
    dataset = generate(size, now)
    contact_rows = messages = 0
    async with database.transaction(statement_timeout="5min") as tx:
        await tx.run("operator_tables")
        await tx.run("demo/drop_keys")
        await tx.copy("demo/copy_devices", dataset.device_rows())
        await tx.copy("demo/copy_sequences", dataset.sequence_rows())
        await tx.copy("demo/copy_steps", dataset.step_rows())
        for portion in dataset.portions():
            contact_rows += len(portion.contacts)
            messages += len(portion.messages)
            await tx.copy("demo/copy_contacts", portion.contacts)
            await tx.copy("demo/copy_messages", portion.messages)
        await tx.run("demo/add_keys")
        await tx.run("demo/analyze")
    found = dataset.catalogue
    return LoadedDemo(
        offline_devices=tuple(as_uuid(device.id) for device in found.offline),
        failing_device=as_uuid(found.failing.id),
        full_device=as_uuid(found.full.id),
        contact_rows=contact_rows,
        messages=messages,
    )
