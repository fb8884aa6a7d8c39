"""What a database's error means to the caller: try again at the next tick, or tell a person."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec, TypeVar

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from pnl.errors import StoreError, StoreUnavailable
from pnl.store.engine import DRIVER

Given = ParamSpec("Given")
Found = TypeVar("Found")

ERRORS: tuple[type[Exception], ...] = (DBAPIError, PoolTimeout, DRIVER.Error)
"""What a database raises: through SQLAlchemy, or straight from the driver where its cursor is used."""
# SQLite's primary result codes: BUSY, LOCKED, NOMEM, READONLY, INTERRUPT, IOERR, FULL, CANTOPEN, PROTOCOL, SCHEMA
PASSING = frozenset({5, 6, 7, 8, 9, 10, 13, 14, 15, 17})
DAMAGED = frozenset({11, 26})  # CORRUPT, NOTADB


def sorted_error(error: Exception) -> StoreError:
    """Return a database's error as one of ours: unavailable for now, or refused for good."""
    cause = getattr(error, "orig", None) or error
    code = getattr(cause, "sqlite_errorcode", None)
    if code is None:
        passing, damaged = isinstance(error, (OperationalError, InterfaceError, PoolTimeout)), False
    else:
        passing, damaged = code & 0xFF in PASSING, code & 0xFF in DAMAGED
    if passing:
        return StoreUnavailable(f"the database cannot answer: {cause}")
    if damaged:
        return StoreError(f"the database is damaged ({cause}): stop, and put a backup in its place")
    return StoreError(f"the database refused: {cause}")


@contextmanager
def answering() -> Iterator[None]:
    """Make a database's error one of ours."""
    try:
        yield
    except ERRORS as error:
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
