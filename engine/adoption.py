"""Brings a database to the current schema and fills the ledger and the open work from what is there.

Adding only: no column's type changes, nothing is dropped (DESIGN 8). Every portion is its own transaction and
may be repeated, so an interrupted run is simply run again.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.filling import Report, fill, recount, writing
from engine.preflight import Unfit, doubled_ids, inspect
from engine.store import Access, Database, Refused
from engine.store.migrations import UNIQUE_KEY
from engine.store.migrator import AlreadyThere, Migrator, migrator


@dataclass(frozen=True, slots=True)
class Adopted:
    """What `migrate` did: applied files, whether the unique key stands, what is left to the operator."""

    applied: tuple[str, ...]
    unique_key: bool
    left: tuple[str, ...]


async def migrate(
    access: Access,
    *,
    country: str = "",
    zone: str = "",
    fresh: bool = False,
    report: Report = lambda _: None,
) -> Adopted:
    """Apply what is missing, adopt the data, build the unique key where no duplicate forbids it.

    Raises Unfit, with each reason, where the operator's tables do not fit; Refused, Busy.
    """
    async with Database.open(access) as database:
        found = await inspect(database)
        if found.empty and found.rights:
            raise Unfit(found.rights)
        if found.empty and not fresh:
            raise Refused(
                f"{access.described} has none of the tables sequences, sequence_steps, sequence_contacts, "
                "broadcast_messages, user_devices: wrong database, or `seqconsole migrate --fresh` "
                "to create them"
            )
        if not found.empty:
            found.raise_for_problems()
            if doubled := await doubled_ids(database):
                raise Unfit(doubled)
        async with migrator(
            access,
            country=country,
            zone=zone or ("" if found.naive else "UTC"),
            lock=True,
            report=report,
        ) as tool:
            if found.empty:
                report("creating the operator's tables")
                await tool.create_operator_tables()
            await tool.ensure_ledger()
            await _check_country(tool, country)
            applied = []
            for migration in await tool.pending():
                report(f"applying {migration.short}")
                await tool.apply(migration)
                applied.append(migration.name)
            if zone:
                await _declare_zone(tool, database, zone)
            await use_declared_zone(database)
            await fill(database, report)
            without_key = await _build_key(tool, report)
    return Adopted(tuple(applied), not without_key, await what_is_left(access, without_key))


async def _build_key(tool: Migrator, report: Report) -> str:
    """The unique key, where no duplicate forbids it. Returns why it does not stand."""
    if await tool.value("adopt/unique_key_exists"):
        return ""
    missing = "the unique key (sequence_id, contact_phone, sequence_stepid) is missing: "
    if not await tool.value("adopt/raw_duplicates"):
        report("building the unique key (sequence_id, contact_phone, sequence_stepid)")
        try:
            await tool.apply(UNIQUE_KEY)
            return ""
        except AlreadyThere as error:
            return f"{missing}{error}, then run `seqconsole migrate` again"
        except Refused as error:  # somebody wrote a duplicate meanwhile
            report(str(error))
            await tool.clear(UNIQUE_KEY)
    return f"{missing}resolve the duplicates, then run `seqconsole migrate` again"


async def _check_country(tool: Migrator, country: str) -> None:
    """The keys of all phones were made with the country code of the first run."""
    if not await tool.value("adopt/ledger_has_keys"):
        return
    known = await tool.value("adopt/country") or ""
    if country and country != known:
        raise Refused(
            f"phone keys were made with the country code {known or '(none)'}: it can no longer be {country}"
        )


async def _declare_zone(tool: Migrator, database: Database, zone: str) -> None:
    """Times read under another zone are read again; impossible once messages were sent by them."""
    if not await tool.value("adopt/zone_is_known"):
        raise Refused(f"this server knows no time zone {zone!r}: use a name like Asia/Kuala_Lumpur")
    known = await tool.value("session/known_zone")
    if known and known != zone and await tool.value("adopt/has_attempts"):
        raise Refused(f"the zone is {known} and messages were sent by it: it can no longer change")
    if await tool.value("adopt/declare_zone"):
        async with writing(database, lock_timeout="30s") as tx:
            await tx.run("session/lock_projection")
            await tx.run("adopt/forget")


async def use_declared_zone(database: Database) -> None:
    """Use the zone that this database declares for its naive timestamps."""
    async with database.transaction() as tx:
        database.zone = await tx.value("session/known_zone") or "UTC"


async def what_is_left(access: Access, without_key: str = "") -> tuple[str, ...]:
    """What keeps the database from being whole, each with the command that goes on."""
    async with Database.open(access) as database:
        await use_declared_zone(database)
        async with database.transaction() as tx:
            groups = int(await tx.value("views/duplicate_count") or 0)
            zone = await tx.value("session/known_zone")
    left = []
    if groups:
        left.append(f"{groups} duplicate groups: `seqconsole duplicates` lists them")
    if without_key:
        left.append(without_key)
    if not zone:
        left.append(
            "timestamps have no zone and none is declared, so the engine stays off: "
            "`seqconsole migrate --timezone Asia/Kuala_Lumpur` (or yours)"
        )
    return tuple(left)


__all__ = ["Adopted", "fill", "migrate", "recount", "use_declared_zone", "what_is_left"]
