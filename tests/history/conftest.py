"""A company of its own for each test: once on a SQLite file, once on a PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.empty_books import empty_file
from tests.history.company import Company


@pytest.fixture(params=["sqlite", "postgresql"])
def company(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Company]:
    """Give a company of which nothing is known yet."""
    sqlite = request.param == "sqlite"
    made = Company(empty_file(tmp_path / "pnl.db") if sqlite else request.getfixturevalue("ready_postgres_url"))
    yield made
    made.close()
