"""Room for connections, in a process of its own: what is given up of a hard limit does not come back."""

import resource
import subprocess
import sys

import pytest

from pnl.live.descriptors import CROWD, KEPT, LEAST, SPARE, Room, room_for

ROOM = """
import resource, sys
from pnl.live.descriptors import room_for
resource.setrlimit(resource.RLIMIT_NOFILE, ({soft}, {hard}))
room = room_for({clients})
print(room.clients, room.requests, *resource.getrlimit(resource.RLIMIT_NOFILE))
"""


@pytest.mark.parametrize(
    ("soft", "hard", "clients", "said"),
    [
        (256, 3000, 1000, "1000 896 2024 3000"),
        (256, 1300, 1000, "1000 172 1300 1300"),
        (256, 1000, 1000, "744 128 1000 1000"),
        (2000, 2000, 1000, "1000 872 2000 2000"),
        (100, 100, 1000, "1 16 100 100"),
    ],
)
def test_room_is_made_up_to_what_the_system_allows(soft: int, hard: int, clients: int, said: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", ROOM.format(soft=soft, hard=hard, clients=clients)],
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )

    assert done.stdout.strip().endswith(said)
    assert ("too few file descriptors" in done.stdout + done.stderr) == (not said.startswith(f"{clients} "))


@pytest.mark.parametrize(
    ("soft", "hard", "fit", "asked"),
    [
        (resource.RLIM_INFINITY, resource.RLIM_INFINITY, Room(1000, SPARE + CROWD - KEPT), None),
        (1000 + SPARE + CROWD, 5000, Room(1000, SPARE + CROWD - KEPT), None),
        (300, resource.RLIM_INFINITY, Room(1000, SPARE + CROWD - KEPT), 1000 + SPARE + CROWD),
        (300, 500, Room(500 - SPARE, SPARE - KEPT), 500),
        (SPARE, SPARE, Room(1, SPARE - 1 - KEPT), None),
        (KEPT, KEPT, Room(1, LEAST), None),
    ],
)
def test_no_more_is_asked_for_than_is_needed(
    monkeypatch: pytest.MonkeyPatch, soft: int, hard: int, fit: Room, asked: int | None
) -> None:
    given: list[int] = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: (soft, hard))
    monkeypatch.setattr(resource, "setrlimit", lambda _, limits: given.append(limits[0]))

    assert room_for(1000) == fit

    assert given == ([] if asked is None else [asked])


def test_a_limit_that_the_system_does_not_tell_counts_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_: int, limits: tuple[int, int]) -> None:
        raise ValueError(f"not allowed to raise it to {limits}")

    monkeypatch.setattr(resource, "getrlimit", lambda _: (300, resource.RLIM_INFINITY))
    monkeypatch.setattr(resource, "setrlimit", refused)

    assert room_for(1000) == Room(300 - SPARE, SPARE - KEPT)
