"""Empty databases of the product, made once and copied: to make each anew takes longer than most tests."""

import secrets
import sqlite3
import tempfile
from functools import cache
from pathlib import Path
from typing import Final

import psycopg

from pnl.store import open_store

_FORGET: Final = "DELETE FROM about WHERE name = 'data'"
_NAME: Final = "UPDATE about SET value = :stream WHERE name = 'stream'"


def empty_file(path: Path) -> str:
    """Put an empty database at `path`, and return its URL; it holds neither demo nor real data yet."""
    path.write_bytes(_file())
    path.chmod(0o600)
    connection = sqlite3.connect(path)
    with connection:
        connection.execute(_NAME, {"stream": secrets.token_hex(4)})
    connection.close()
    return f"sqlite:///{path}"


def fill_template(url: str) -> None:
    """Make the tables in an empty PostgreSQL database, from which others are copied."""
    open_store(url, demo=False).close()
    with psycopg.connect(url) as connection:
        connection.execute(_FORGET)


def name_anew(url: str) -> None:
    """Give a copied PostgreSQL database a series of its own, as each has that is made."""
    with psycopg.connect(url) as connection:
        connection.execute(_NAME.replace(":stream", "%(stream)s"), {"stream": secrets.token_hex(4)})


@cache
def _file() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pnl.db"
        open_store(f"sqlite:///{path}", demo=False).close()
        connection = sqlite3.connect(path)
        with connection:
            connection.execute(_FORGET)
        connection.close()  # the last one to close puts the log into the file
        return path.read_bytes()
