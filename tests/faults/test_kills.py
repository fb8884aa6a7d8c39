"""Kills at random instants: a few in the fast set; `make soak-kill` does a thousand."""

from pathlib import Path

import pytest

from tests.faults.kills import soak


def test_what_was_acknowledged_survives_kills_locks_and_a_full_disk(tmp_path: Path) -> None:
    done = soak(tmp_path / "pnl.db", 8, 11)

    assert done.wrong == []
    assert done.kills == 8
    assert len(done.acknowledged) >= 8


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_two_hundred_kills(tmp_path: Path) -> None:
    done = soak(tmp_path / "pnl.db", 200, 12)

    assert done.wrong == []
    assert done.waited > 10
