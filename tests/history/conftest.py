"""A company of its own for each test: once on a SQLite file, once on a PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.history.company import Company


@pytest.fixture(params=["sqlite", "postgresql"])
def company(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Company]:
    """Give a company of which nothing is known yet."""
    url = f"sqlite:///{tmp_path / 'pnl.db'}"
    made = Company(url if request.param == "sqlite" else request.getfixturevalue("plain_postgres_url"))
    yield made
    made.close()
