"""What a database's error means to the caller: try again at the next tick, or tell a person."""

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec, TypeVar

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from pnl.errors import StoreDamaged, StoreError, StoreUnavailable
from pnl.store.engine import DRIVER

Given = ParamSpec("Given")
Found = TypeVar("Found")

ERRORS: tuple[type[Exception], ...] = (DBAPIError, PoolTimeout, DRIVER.Error, UnicodeDecodeError)
"""What a database raises: through SQLAlchemy, or straight from the driver where its cursor is used. SQLite's message
names what it found in the file, and where that is torn, the message may be no text: then the driver cannot read it."""
# SQLite's primary result codes: BUSY, LOCKED, NOMEM, READONLY, INTERRUPT, IOERR, FULL, CANTOPEN, PROTOCOL, SCHEMA
PASSING = frozenset({5, 6, 7, 8, 9, 10, 13, 14, 15, 17})
DAMAGED = frozenset({11, 26})  # CORRUPT, NOTADB
# PostgreSQL's SQLSTATEs, by how they begin: connection lost, a rollback for the sake of another transaction, no
# room (disk, memory, connections), a time that ran out, a server that stops or starts, one that is a standby.
LOST = ("08", "25P03", "25P04", "57P")
WAITING = ("40", "53", "55P03", "57014", "58030", "25006")
BROKEN = ("XX001", "XX002")
NO_TEXT = "Could not decode to UTF-8"
"""How SQLite's driver begins, without a code, where a text in the file is none."""
MOST_SAID = 400
"""Characters of what a database said: it may quote a whole torn page."""
CURES = {
    "42501": "give this user the right to make tables and to use them (GRANT CREATE, USAGE ON SCHEMA …)",
    "3F000": "the schema of the search path is not there: make it, or leave search_path out of PNL_DATABASE_URL",
    "42P01": "a table is missing: restart, and if that does not help put a backup in its place",
    "28P01": "the password is wrong: mend PNL_DATABASE_URL or ~/.pgpass",
    "28000": "this user may not connect: see pg_hba.conf of the server",
    "3D000": "there is no database of that name: make it with createdb",
}
REFUSED_ENTRY = ((r"password authentication failed|no password supplied", "28P01"), (r"no pg_hba.conf entry", "28000"))
"""A refusal to connect comes as text alone."""


def errors() -> tuple[type[Exception], ...]:
    """Return what the databases raise that are in use: PostgreSQL's driver is known where it was loaded."""
    psycopg = sys.modules.get("psycopg")
    return (*ERRORS, psycopg.Error) if psycopg else ERRORS


def sorted_error(error: Exception) -> StoreError:
    """Return a database's error as one of ours: unavailable for now, or refused for good."""
    cause = getattr(error, "orig", None) or error
    code = getattr(cause, "sqlite_errorcode", None)
    if isinstance(cause, UnicodeDecodeError) or (code is None and str(cause).startswith(NO_TEXT)):
        return _damaged(cause)
    if code is not None:
        if code & 0xFF in DAMAGED:
            return _damaged(cause)
        return _unavailable(cause) if code & 0xFF in PASSING else _refused(cause)
    if isinstance(error, PoolTimeout):
        return _unavailable(cause)
    if type(cause).__module__.startswith("psycopg"):
        return _of_postgres(cause)
    return _unavailable(cause) if isinstance(error, (OperationalError, InterfaceError)) else _refused(cause)


def _of_postgres(cause: BaseException) -> StoreError:
    state = getattr(cause, "sqlstate", None) or _entry_refused(str(cause))
    if state is None:  # the driver's own: a connection that cannot be made or was lost, or a value it cannot send
        lost = any(kind.__name__ in ("OperationalError", "InterfaceError") for kind in type(cause).__mro__)
        return _unavailable(cause) if lost else StoreError(f"a text or a number cannot be kept: {cause}")
    if state.startswith((*LOST, *WAITING)):
        return _unavailable(cause)
    if state in BROKEN:
        return _damaged(cause)
    if state == "22003":
        return StoreError("an amount or a time is beyond 64 bits and cannot be kept")
    cure = CURES.get(state)
    return StoreError(f"the database refused: {_said(cause)}; {cure}") if cure else _refused(cause)


def _entry_refused(text: str) -> str | None:
    if re.search(r'database "[^"]*" does not exist', text):
        return "3D000"
    return next((state for pattern, state in REFUSED_ENTRY if re.search(pattern, text)), None)


def _damaged(cause: BaseException) -> StoreDamaged:
    return StoreDamaged(f"the database is damaged ({_said(cause)}): stop, and put a backup in its place")


def _unavailable(cause: BaseException) -> StoreUnavailable:
    return StoreUnavailable(f"the database cannot answer: {_said(cause)}")


def _refused(cause: BaseException) -> StoreError:
    return StoreError(f"the database refused: {_said(cause)}")


def _said(cause: BaseException) -> str:
    """Return what the database said, in one line that a terminal shows as it is."""
    text = cause.object.decode(errors="backslashreplace") if isinstance(cause, UnicodeDecodeError) else str(cause)
    line = " ".join(text.split())[:MOST_SAID] or type(cause).__name__
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in line)


@contextmanager
def answering() -> Iterator[None]:
    """Make a database's error one of ours."""
    try:
        yield
    except errors() as error:
        raise sorted_error(error) from error
    except OverflowError as error:
        raise StoreError("an amount or a time is beyond 64 bits and cannot be kept") from error
    except UnicodeEncodeError as error:
        raise StoreError(f"a text cannot be kept: {error.reason} in {error.object[:60]!r}") from error


def answered(method: Callable[Given, Found]) -> Callable[Given, Found]:
    """Return `method`, whose errors of the database become ours."""

    @wraps(method)
    def asked(*args: Given.args, **kwargs: Given.kwargs) -> Found:
        with answering():
            return method(*args, **kwargs)

    return asked
