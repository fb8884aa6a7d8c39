"""A product on an empty world, and one on a lively company's."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.product.house import House


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    house = House(tmp_path)
    yield house
    await house.close()


@pytest.fixture
async def lively(tmp_path: Path) -> AsyncIterator[House]:
    house = House(tmp_path, lively=True)
    yield house
    await house.close()
