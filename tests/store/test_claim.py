"""The right to tick: held by one of many processes, freed by death, taken from one that is frozen."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from pnl.errors import LeadershipLost, StoreError, StoreUnavailable
from pnl.ports import Claim
from pnl.store import claim_of, open_store
from tests.services import PostgresServer
from tests.store.listening import PATIENCE, listening, waits
from tests.store.making import a_tick

CANDIDATE = """
import os, signal, sys, time
from pnl.errors import Deposed
from pnl.store import claim_of, open_store
from tests.store.making import a_tick
url, patience = sys.argv[1], float(sys.argv[2])
store = open_store(url, demo=False)
claim = claim_of(url, patience_seconds=patience)
while not claim.take():
    time.sleep(0.02)
epoch = store.lead()
freeze = []
signal.signal(signal.SIGUSR1, lambda *_: freeze.append(True))
print("leads", epoch, flush=True)
while True:
    if freeze:  # between two writes: in the middle of one it would keep the database's own lock
        freeze.clear()
        os.kill(os.getpid(), signal.SIGSTOP)
    try:
        claim.beat()
        store.keep(a_tick(store.head() + 1))
    except Deposed as error:
        print("lost", type(error).__name__, flush=True)
        break
    time.sleep(0.02)
try:
    store.keep(a_tick(store.head() + 1))
except Deposed:
    print("refused", flush=True)
"""
Start = Callable[[str], "subprocess.Popen[str]"]


@pytest.fixture
def start() -> Iterator[Start]:
    started: list[subprocess.Popen[str]] = []

    def begin(url: str) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, "-c", CANDIDATE, url, str(PATIENCE)], stdout=subprocess.PIPE, text=True
        )
        started.append(process)
        return process

    yield begin
    for process in started:
        process.send_signal(signal.SIGCONT)
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


def line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def claims(url: str, count: int) -> list[Claim]:
    return [claim_of(url, patience_seconds=PATIENCE) for _ in range(count)]


def test_of_many_candidates_one_holds_it(url: str) -> None:
    found = claims(url, 20)

    assert [claim.take() for claim in found].count(True) == 1

    for claim in found:
        claim.release()
    last = claim_of(url, patience_seconds=PATIENCE)
    assert last.take()
    last.release()


def test_a_holder_that_dies_is_followed_at_once(url: str, start: Start) -> None:
    first = start(url)
    assert line(first).startswith("leads")
    second = start(url)

    first.kill()

    assert line(second).startswith("leads")


def test_a_holder_that_beats_is_left_alone(url: str) -> None:
    now = [0.0]
    holder = claim_of(url, patience_seconds=5)
    assert holder.take()
    other = listening(url, now, patience=5)

    for _ in range(20):
        holder.beat()
        assert not waits(other, now, 4)
    holder.beat()
    assert not other.take()
    assert waits(other, now, 6)
    with pytest.raises(LeadershipLost):
        holder.beat()
    other.release()


def test_a_frozen_holder_is_replaced_and_writes_nothing_when_it_thaws(url: str, start: Start) -> None:
    first = start(url)
    assert line(first).startswith("leads")
    second = start(url)

    first.send_signal(signal.SIGUSR1)
    assert line(second).startswith("leads")
    first.send_signal(signal.SIGCONT)

    assert line(first).startswith("lost")
    assert line(first) == "refused"
    assert second.poll() is None


def test_who_takes_over_from_a_frozen_holder_is_one(url: str) -> None:
    now = [0.0]
    holder = claim_of(url)
    others = [listening(url, now) for _ in range(7)]
    assert holder.take()
    assert not any(other.take() for other in others)

    now[0] += PATIENCE

    assert [other.take() for other in others].count(True) == 1
    assert not others[0].holder().startswith("unknown")
    for claim in (holder, *others):
        claim.release()


def test_who_was_stopped_itself_has_not_listened_meanwhile(url: str) -> None:
    """A paused machine or container stops both; the one that is woken first finds no beat, and proves nothing by it."""
    now = [0.0]
    holder, other = claim_of(url), listening(url, now, patience=2.5)
    assert holder.take()
    assert not other.take()

    now[0] += 3600

    assert not other.take()
    holder.beat()
    assert not waits(other, now, 2)
    assert waits(other, now, 2)
    for claim in (holder, other):
        claim.release()


def test_a_child_that_inherited_the_claim_does_not_hold_it(url: str) -> None:
    open_store(url, demo=False).close()
    claim = claim_of(url)
    assert claim.take()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(writing)
        os.read(reading, 1)
        os._exit(0)
    claim.release()

    other = claim_of(url)
    assert other.take()

    other.release()
    os.close(writing)
    os.waitpid(child, 0)
    os.close(reading)


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    claim = claim_of(f"sqlite:///{tmp_path / 'nowhere' / 'pnl.db'}")

    with pytest.raises(StoreError, match="cannot be written to"):
        claim.take()
    with pytest.raises(LeadershipLost):
        claim.beat()


def end_the_holder(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(pid, 2000) FROM pg_locks WHERE locktype = 'advisory'")


def test_a_session_that_is_ended_is_made_anew_and_keeps_the_lead(postgres_url: str, plain_postgres_url: str) -> None:
    claim, other = claims(postgres_url, 2)
    assert claim.take()
    assert claim.holder().startswith("session ")

    end_the_holder(plain_postgres_url)
    claim.beat()

    assert not other.take()
    for one in (claim, other):
        one.release()


def test_a_session_that_is_ended_loses_the_lead_to_whoever_is_quicker(
    postgres_url: str, plain_postgres_url: str
) -> None:
    claim, other = claims(postgres_url, 2)
    assert claim.take()
    end_the_holder(plain_postgres_url)
    assert other.take()

    with pytest.raises(LeadershipLost, match=r"has ended, and another has it: session \d+"):
        claim.beat()

    other.release()
    assert claim.take()
    claim.release()


def test_a_lead_outlives_the_server_that_knows_of_it() -> None:
    server = PostgresServer()
    server.start()
    try:
        claim, other = claims(server.url("postgres"), 2)
        assert claim.take()
        server.kill()
        claim.beat()
        claim.beat()
        server.start()

        claim.beat()

        assert not other.take()
        for one in (claim, other):
            one.release()
    finally:
        server.remove()


def test_a_lead_whose_connection_was_cut_is_taken_from_the_session_that_does_not_know(plain_postgres_url: str) -> None:
    claim, other = claims(plain_postgres_url, 2)
    assert claim.take()
    lost = claim._session  # type: ignore[attr-defined]  # of which the server goes on to believe that it is there
    claim._session = None  # type: ignore[attr-defined]

    claim.beat()

    assert not other.take()
    claim.beat()
    with pytest.raises(psycopg.OperationalError, match="terminating connection"):
        lost.execute("SELECT 1")
    lost.close()
    for one in (claim, other):
        one.release()


def test_a_postgresql_that_is_not_there_is_unavailable() -> None:
    claim = claim_of("postgresql+psycopg://nobody@127.0.0.1:1/none")

    with pytest.raises(StoreUnavailable, match="does not answer"):
        claim.take()
    assert claim.holder() == "unknown"


def test_a_kill_at_any_moment_lets_the_next_lead_with_all_that_was_kept(url: str, start: Start) -> None:
    for epoch in range(1, 7):
        process = start(url)
        assert line(process) == f"leads {epoch}"
        process.kill()
        process.wait()

    store = open_store(url, demo=False)
    store.lead()
    store.keep(a_tick(store.head() + 1))
    assert [row.seq for row in store.rows(None, None)] == list(range(1, store.head() + 1))
    store.close()
