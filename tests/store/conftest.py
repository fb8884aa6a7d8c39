"""A store of its own for each test: once in a SQLite file, once in a PostgreSQL.

A module whose tests are about files gives a fixture `kind` of its own that returns "sqlite".
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pnl.store import SqlStore, open_store
from tests.empty_books import empty_file


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    """Return which database the test is run on."""
    found: str = request.param
    return found


@pytest.fixture
def url(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """Return the URL of a database that has its tables, and nothing in them."""
    if kind == "sqlite":
        return empty_file(tmp_path / "pnl.db")
    found: str = request.getfixturevalue("ready_postgres_url")
    return found


@pytest.fixture
def store(url: str) -> Iterator[SqlStore]:
    """Give an empty store that leads, and does not wait long for a lock."""
    store = open_store(url, demo=False, lock_seconds=0.2)
    store.lead()
    yield store
    store.close()
