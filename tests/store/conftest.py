"""A store in a folder of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pnl.store import SqlStore, open_store


@pytest.fixture
def url(tmp_path: Path) -> str:
    """Return the URL of a database that is not there yet."""
    return f"sqlite:///{tmp_path / 'pnl.db'}"


@pytest.fixture
def store(url: str) -> Iterator[SqlStore]:
    """Give an empty store that leads, and does not wait long for a lock."""
    store = open_store(url, demo=False, lock_seconds=0.2)
    store.lead()
    yield store
    store.close()
