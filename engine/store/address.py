"""Addresses of databases: what a conninfo says, and making a database on a server of our own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import psycopg
from psycopg import AsyncConnection, errors, sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from engine.store.errors import Busy, StoreError, translated
from engine.store.sqlfiles import query, text

SECRETS: Final = frozenset({"password", "sslpassword", "oauth_client_secret", "scram_client_key"})
_VARIABLES: Final = {
    "host": "PGHOST",
    "hostaddr": "PGHOSTADDR",
    "port": "PGPORT",
    "dbname": "PGDATABASE",
    "user": "PGUSER",
}


def secrets_in(conninfo: str) -> frozenset[str]:
    """Which secrets an address carries, by keyword. Raises StoreError where it can't be read."""
    try:
        given = conninfo_to_dict(conninfo)
    except psycopg.Error:  # libpq's message may quote the password: nothing of it is kept
        raise StoreError(
            "the database address cannot be read: write postgresql://USER@HOST:PORT/DATABASE, "
            "or key=value pairs as in 'service=work' or 'host=db dbname=drip user=me'"
        ) from None
    return SECRETS & {keyword for keyword, value in given.items() if value}


async def ensure_database(maintenance: str, name: str) -> bool:
    """Create a database on the server of `maintenance` if it is missing; True: it is new."""
    return await _run_for_database(maintenance, name, "adopt/create_database", wanted=False)


async def drop_database(maintenance: str, name: str) -> bool:
    """Drop a database if it is there. Raises Busy while somebody has it open."""
    return await _run_for_database(maintenance, name, "adopt/drop_database", wanted=True)


async def database_exists(maintenance: str, name: str) -> bool:
    """Whether the server of `maintenance` has a database of this name."""
    with translated(name):
        async with await AsyncConnection.connect(maintenance, autocommit=True) as conn:
            return await _exists(conn, name)


async def _run_for_database(maintenance: str, name: str, statement: str, *, wanted: bool) -> bool:
    with translated(name):
        async with await AsyncConnection.connect(maintenance, autocommit=True) as conn:
            if await _exists(conn, name) is not wanted:
                return False
            named = sql.SQL(text(statement)).format(name=sql.Identifier(name))
            try:
                await conn.execute(named)
            except (errors.DuplicateDatabase, errors.UniqueViolation):
                return False  # another process was faster
            except errors.ObjectInUse:
                raise Busy(f"somebody has the database {name} open") from None
    return True


async def _exists(conn: AsyncConnection, name: str) -> bool:
    cursor = await conn.execute(query("adopt/database_exists"), {"name": name})
    found = await cursor.fetchone()
    return bool(found and found[0])


def from_environment(variables: Mapping[str, str]) -> str | None:
    """The address that libpq's own variables name, without a password; None: they name none."""
    if service := variables.get("PGSERVICE"):
        return make_conninfo(service=service)
    if not any(variables.get(name) for name in ("PGHOST", "PGHOSTADDR", "PGDATABASE")):
        return None
    given = {
        keyword: value
        for keyword, variable in _VARIABLES.items()
        if (value := variables.get(variable))
    }
    return make_conninfo(**given)


def without_secrets(conninfo: str) -> str:
    """The address as key=value pairs, without what is secret in it."""
    given = conninfo_to_dict(conninfo)
    return make_conninfo(**{k: str(v) for k, v in given.items() if k not in SECRETS and v})
