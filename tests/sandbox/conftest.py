from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.sandbox.worlds import EPOCH, Desk, Frozen, open_desk


@pytest.fixture
def clock() -> Frozen:
    return Frozen()


@pytest.fixture
def empty(clock: Frozen) -> Iterator[Desk]:
    """A world without anything in it."""
    with open_desk(clock, lively=False) as desk:
        yield desk


@pytest.fixture(scope="module")
def month() -> Iterator[Desk]:
    """The lively world after thirty days, standing still; tests of a module share it and change nothing."""
    with open_desk(Frozen(EPOCH + timedelta(days=30)), live_days=20) as desk:
        yield desk
