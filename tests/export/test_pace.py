"""A long reading rests between its parts, and a short one keeps nobody waiting."""

import time
from collections.abc import Iterator

from pnl.export.archive import Part
from pnl.export.pace import unhurried

WORK = 0.01


def worked(count: int) -> Iterator[Part]:
    """Give parts, each of which takes so much of this thread's time."""
    for number in range(count):
        end = time.thread_time() + WORK
        while time.thread_time() < end:
            pass
        yield 1, f"{number}".encode()


def test_each_part_but_the_first_waits_for_as_long_as_the_one_before_took() -> None:
    rests: list[float] = []

    given = list(unhurried(worked(4), rests.append))

    assert [text for _, text in given] == [b"0", b"1", b"2", b"3"]
    assert rests[0] == 0
    assert all(rest >= WORK for rest in rests[1:])


def test_nobody_is_kept_waiting_after_the_last_part() -> None:
    rests: list[float] = []

    given = list(unhurried(worked(1), rests.append))

    assert len(given) == 1
    assert sum(rests) == 0
