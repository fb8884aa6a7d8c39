"""The breaker: whoever asks meets a failure once; the probes are made aside, ever more seldom."""

import threading
from random import Random

import pytest
import structlog

from pnl.redis.breaker import Breaker
from pnl.redis.health import RedisHealth
from tests.fakes import StillClock
from tests.redis.servers import wait_until


class Patient:
    """Something that is probed; well or not."""

    def __init__(self) -> None:
        self.well = threading.Event()
        self.probes = 0
        self.answers = threading.Event()
        self.answers.set()

    def probe(self) -> None:
        self.probes += 1
        self.answers.wait()
        if not self.well.is_set():
            raise ValueError("garbled")


class Longest(Random):
    """Chance that always gives the most."""

    def uniform(self, a: float, b: float) -> float:
        del a
        return b


@pytest.fixture
def patient() -> Patient:
    return Patient()


def breaker(patient: Patient, cool_down: float = 0.01) -> Breaker:
    health = RedisHealth(StillClock())
    return Breaker(patient.probe, health, "caching", cool_down_seconds=cool_down, random=Longest())


def test_it_opens_with_a_failure_and_closes_with_a_probe_that_succeeds(patient: Patient) -> None:
    found = breaker(patient)
    seen = [found.open]

    found.failed(LookupError("gone"))
    seen.append(found.open)
    wait_until(lambda: patient.probes >= 3)
    seen.append(found.open)
    patient.well.set()

    wait_until(lambda: not found.open)
    assert seen == [False, True, True]


def test_many_failures_at_once_are_one_outage(patient: Patient) -> None:
    found = breaker(patient)
    patient.well.set()
    patient.answers.clear()

    with structlog.testing.capture_logs() as logs:
        for _ in range(20):
            found.failed(LookupError("gone"))
        patient.answers.set()
        wait_until(lambda: not found.open)

    assert patient.probes == 1
    assert [line["event"] for line in logs] == ["redis is down", "redis answers again"]


def test_it_is_open_until_a_first_look_when_nobody_knows_where_redis_is(patient: Patient) -> None:
    patient.well.set()
    found = breaker(patient, cool_down=60)

    found.look()

    wait_until(lambda: not found.open)


def test_probes_come_ever_more_seldom(patient: Patient) -> None:
    waits: list[float] = []
    found = breaker(patient, cool_down=8)
    found._closing = Waits(waits)

    found._run(8)

    assert waits == [8, 8, 16, 30, 30]


class Waits(threading.Event):
    """An event that notes how long it is waited for, and comes true with the fifth waiting."""

    def __init__(self, waits: list[float]) -> None:
        super().__init__()
        self.waits = waits

    def wait(self, timeout: float | None = None) -> bool:
        self.waits.append(timeout or 0)
        return len(self.waits) == 5


def test_one_that_is_closed_stays_open_and_probes_no_more(patient: Patient) -> None:
    found = breaker(patient)
    found.failed(LookupError("gone"))

    found.close()
    probes = patient.probes
    found.failed(LookupError("gone"))

    assert found.open
    assert patient.probes == probes
