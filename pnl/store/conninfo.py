"""The address of a PostgreSQL as an operator writes it, read as libpq reads it.

Read from https://www.postgresql.org/docs/15/libpq-connect.html#LIBPQ-CONNSTRING-URIS on 2026-11-30.
"""

import re
from typing import Any, Final

import psycopg
from psycopg.conninfo import conninfo_to_dict

from pnl.errors import ConfigError

_HOST: Final = r"(?:\[[\w:.%-]+\]|[\w.%~-]*)(?::\d{0,5})?"
_SHAPE: Final = re.compile(
    rf"postgresql(?:\+psycopg)?://(?:[^@/]*@)?+{_HOST}(?:,{_HOST})*(?:/[^@/?]*)?(?:\?.*)?", re.ASCII | re.DOTALL
)
"""libpq ends a password at the first @, and takes it for a host and its port where a / comes before that; what is left
of it would then be in every message as the host, the port or the database."""


def parsed(url: str) -> dict[str, Any]:
    """Return what a URL says, as libpq names it.

    Raises:
        ConfigError: It makes no sense; it is not repeated, because a password may be anywhere in it.
    """
    try:
        if _SHAPE.fullmatch(url):
            return dict(conninfo_to_dict(url.replace("postgresql+psycopg://", "postgresql://", 1)))
    except psycopg.Error:
        pass
    raise ConfigError(
        "PNL_DATABASE_URL is no address of a PostgreSQL: write postgresql://user@host:5432/name, with %40 for an @ "
        "and %2F for a / in a user or a password, or leave the password out and put it into ~/.pgpass"
    )


def name(given: dict[str, Any]) -> str:
    """Return what a database is called in messages: its address without its password."""
    user = f"{given['user']}@" if given.get("user") else ""
    port = f":{given['port']}" if given.get("port") else ""
    return f"postgresql://{user}{given.get('host', '')}{port}/{given.get('dbname', '')}"
