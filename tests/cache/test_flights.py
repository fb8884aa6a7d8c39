"""Many who want the same at once: one makes it, the others wait for it."""

import threading

import pytest

from pnl.cache.flights import Flights
from pnl.cache.fresh import Fresh
from tests.cache.crowd import WAIT_SECONDS, Gate, at_once
from tests.fakes import StillClock


def test_of_many_who_ask_at_once_one_makes_it() -> None:
    flights, gate = Flights[bytes](WAIT_SECONDS), Gate()
    others = threading.Semaphore(0)

    def ask() -> tuple[bytes, bool]:
        others.release()
        return flights.fly("key", gate.make)

    def open_when_all_ask() -> None:
        for _ in range(64):
            assert others.acquire(timeout=WAIT_SECONDS)
        gate.may_go_on.set()

    opener = threading.Thread(target=open_when_all_ask)
    opener.start()
    found = [future.result() for future in at_once(64, ask)]
    opener.join()

    assert {value for value, _ in found} == {b"made"}
    assert sum(mine for _, mine in found) == gate.begun


def test_other_keys_do_not_wait_while_one_is_made() -> None:
    flights, gate = Flights[bytes](WAIT_SECONDS), Gate()
    slow = threading.Thread(target=flights.fly, args=("slow", gate.make))
    slow.start()
    assert gate.under_way.wait(WAIT_SECONDS)

    assert flights.fly("other", lambda: b"quick") == (b"quick", True)

    gate.may_go_on.set()
    slow.join()


def test_an_error_reaches_everybody_who_waits_and_is_not_kept() -> None:
    flights = Flights[bytes](WAIT_SECONDS)
    under_way, may_fail = threading.Event(), threading.Event()

    def fail() -> bytes:
        under_way.set()
        assert may_fail.wait(WAIT_SECONDS)
        raise LookupError("no such table")

    def ask() -> None:
        with pytest.raises(LookupError):
            flights.fly("key", fail)

    first = threading.Thread(target=ask)
    first.start()
    assert under_way.wait(WAIT_SECONDS)
    waiting = threading.Semaphore(0)

    def wait() -> None:
        waiting.release()
        with pytest.raises(LookupError, match="no such table"):
            flights.fly("key", fail)

    def let_it_fail() -> None:
        for _ in range(8):
            assert waiting.acquire(timeout=WAIT_SECONDS)
        may_fail.set()

    opener = threading.Thread(target=let_it_fail)
    opener.start()
    futures = at_once(8, wait)
    opener.join()
    first.join()

    assert [future.result() for future in futures] == [None] * 8
    assert flights.fly("key", lambda: b"well again") == (b"well again", True)


def test_who_has_waited_too_long_makes_it_for_himself() -> None:
    flights, gate = Flights[bytes](0.01), Gate()
    slow = threading.Thread(target=flights.fly, args=("key", gate.make))
    slow.start()
    assert gate.under_way.wait(WAIT_SECONDS)

    assert flights.fly("key", lambda: b"my own") == (b"my own", True)

    gate.may_go_on.set()
    slow.join()


def test_a_thread_that_is_told_to_end_ends_alone() -> None:
    flights = Flights[bytes](WAIT_SECONDS)
    under_way, may_end = threading.Event(), threading.Event()

    def end() -> bytes:
        under_way.set()
        assert may_end.wait(WAIT_SECONDS)
        raise SystemExit

    def ended() -> None:
        with pytest.raises(SystemExit):
            flights.fly("key", end)

    first = threading.Thread(target=ended)
    first.start()
    assert under_way.wait(WAIT_SECONDS)
    threading.Timer(0.05, may_end.set).start()

    assert flights.fly("key", lambda: b"made") == (b"made", True)

    first.join()


def test_a_fresh_value_is_read_once_in_a_quarter_of_a_second() -> None:
    clock, read = StillClock(), iter(range(10))
    fresh = Fresh(lambda: next(read), clock)

    assert [fresh(), fresh()] == [0, 0]
    clock.go(0.24)
    assert fresh() == 0
    clock.go(0.01)
    assert [fresh(), fresh()] == [1, 1]


def test_a_fresh_value_that_is_forgotten_is_read_anew() -> None:
    read = iter(range(10))
    fresh = Fresh(lambda: next(read), StillClock())
    fresh()

    fresh.forget()

    assert [fresh(), fresh()] == [1, 1]


def test_what_changed_while_it_was_read_is_not_kept() -> None:
    read = iter(range(10))

    def look() -> int:
        found = next(read)
        if found == 0:
            fresh.forget()
        return found

    fresh = Fresh(look, StillClock())

    assert [fresh(), fresh(), fresh()] == [0, 1, 1]


def test_what_many_ask_for_at_once_is_read_once() -> None:
    read = iter(range(100))
    fresh = Fresh(lambda: next(read), StillClock())

    found = [future.result() for future in at_once(32, fresh)]

    assert found == [0] * 32


def test_a_reading_that_fails_keeps_nothing() -> None:
    read = iter(range(2))

    def look() -> int:
        if not (found := next(read)):
            raise LookupError("gone")
        return found

    fresh = Fresh(look, StillClock())

    with pytest.raises(LookupError):
        fresh()
    assert fresh() == 1
