"""A product on an empty world, and one on a lively company's."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from pnl.desk import term
from tests.product.house import House

PATIENT = {"PNL_SOURCE_TIMEOUT_SECONDS": "8"}
"""A tick waits three seconds for its sources, which a busy machine may not be enough for."""


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a tick wait longer for its sources: what it gives up on is a matter of tests of its own."""
    monkeypatch.setattr(term, "LONGEST_WAIT_SECONDS", 30)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    house = House(tmp_path, more=PATIENT)
    yield house
    await house.close()


@pytest.fixture
async def lively(tmp_path: Path) -> AsyncIterator[House]:
    house = House(tmp_path, lively=True, more=PATIENT)
    yield house
    await house.close()
