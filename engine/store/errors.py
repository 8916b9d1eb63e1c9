"""Errors of the database as an operator can act on them: one line, no secret, what to do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import errors
from psycopg_pool import PoolTimeout


class StoreError(RuntimeError):
    """Something the database said, in one clear line."""


class DatabaseUnavailable(StoreError):
    """No connection: wrong address, server down, refused, too many connections."""


class NotAdmitted(DatabaseUnavailable):
    """The server answers, and lets us not in: a wrong password, user, database or service."""


class Refused(StoreError):
    """The database does not let us: a missing table, column, privilege, or a failed check."""


class ReadOnly(Refused):
    """Nobody may write now: a standby, or a server set so."""


class Rejected(StoreError):
    """The database refuses a row of the data: a constraint or a type of the operator's tables."""


class Busy(StoreError):
    """Somebody else holds what is needed: a lock, a deadlock, a serialization failure. Try again."""


class Held(Busy):
    """Another session holds a row or table for longer than we wait: nothing of this transaction is done."""


class Conflict(Busy):
    """The database chose this transaction to give way (40P01, 40001): nothing of it is done."""


_DENIED = re.compile(r"permission denied for (table|relation|view|schema|sequence|function) (\S+)")
SECRET = re.compile(
    r"(password|passwd|pwd)\s*=\s*('[^']*'|\S+)|(?<=://)([^:/@\s]+):([^@\s]+)@", re.I
)

_NOT_ADMITTED = re.compile(
    r"authentication failed|no password supplied|no pg_hba\.conf entry|is not permitted to log in"
    r"|permission denied for database|(database|role|user) \"[^\"]*\" does not exist"
    r"|definition of service|certificate",
    re.I,
)


def one_line(error: BaseException) -> str:
    """The message of an error on one line, with anything like a password left out."""
    text = " ".join(str(error).split())
    return (
        SECRET.sub(lambda m: f"{m[1]}=***" if m[1] else f"{m[3]}:***@", text)
        or type(error).__name__
    )


def missing_grant(error: BaseException, sql: str) -> str:
    """What the database denied, and which grant of the statement's is missing (FAULTS 43)."""
    line = one_line(error)
    found = _DENIED.search(line)
    if found is None:
        return line
    kind, name = found.groups()
    if kind not in ("table", "relation", "view"):
        grant = {"function": "EXECUTE"}.get(kind, "USAGE")
        return f"{line}: GRANT {grant} ON {kind.upper()} {name}; `seqconsole roles` has all grants"
    ours = f"seqconsole.{name}" in sql
    rel = rf"(?:seqconsole\.)?{re.escape(name)}\b"
    verbs = [
        verb
        for verb, how in (
            ("INSERT", "insert into"),
            ("UPDATE", "update"),
            ("DELETE", "delete from"),
        )
        if re.search(rf"\b{how}\s+{rel}", sql)
    ]
    if "UPDATE" not in verbs and re.search(r"\bfor update\b", sql):
        verbs.append("UPDATE")
    on = f"seqconsole.{name}" if ours else name
    return (
        f"{line}: GRANT {', '.join(['SELECT', *verbs])} ON {on}; `seqconsole roles` has all grants"
    )


@contextmanager
def translated(place: str) -> Iterator[None]:
    """Turns psycopg's errors into ours; `place` says which database, without a password."""
    try:
        yield
    except (errors.DeadlockDetected, errors.SerializationFailure) as error:
        raise Conflict(f"another session needs the same ({one_line(error)}); try again") from error
    except errors.LockNotAvailable as error:
        raise Held(
            f"another session holds what is needed ({one_line(error)}); try again"
        ) from error
    except errors.QueryCanceled as error:
        raise Busy(f"{place} did not answer in time ({one_line(error)}); try again") from error
    except errors.InsufficientPrivilege as error:
        raise Refused(f"missing privilege on {place}: {missing_grant(error, '')}") from error
    except errors.ReadOnlySqlTransaction as error:
        raise ReadOnly(f"{place} is read-only: {one_line(error)}") from error
    except errors.InvalidSchemaName as error:
        raise Refused(f"{place} has no seqconsole schema: run `seqconsole migrate`") from error
    except (errors.UndefinedTable, errors.UndefinedColumn, errors.UndefinedFunction) as error:
        line = one_line(error)
        hint = ": run `seqconsole migrate`" if "seqconsole." in line else ""
        raise Refused(f"{place}: {line.split(' LINE ')[0]}{hint}") from error
    except PoolTimeout as error:
        raise DatabaseUnavailable(f"cannot reach {place}: {one_line(error)}") from error
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        line = one_line(error)
        kind = NotAdmitted if _NOT_ADMITTED.search(line) else DatabaseUnavailable
        raise kind(f"cannot reach {place}: {line}") from error
    except psycopg.Error as error:
        raise Rejected(f"{place} refuses a row: {one_line(error)}") from error
