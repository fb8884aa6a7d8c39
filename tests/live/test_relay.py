"""The relay on a Redis that is well: what is sent is heard, whole, in order, by everybody."""

import threading
import time

import pytest
import structlog

from pnl.live.relay import KEPT, Bell
from tests.live.relays import Ear, Make, hearing, kept, ring, wait_until
from tests.services import RedisServer


def test_a_bell_arrives_as_it_was_sent(redis_url: str, make: Make) -> None:
    ear = hearing(make(redis_url))

    make(redis_url).send(18205, 18204, 7, '{"t":"delta","set":{"note":"50 ¢ → −1"}}')
    ear.wait_for(18205)

    assert ear.bells == [Bell(18205, 18204, 7, '{"t":"delta","set":{"note":"50 ¢ → −1"}}')]


def test_ten_thousand_bells_arrive_whole_and_in_order(redis_url: str, redis_server: RedisServer, make: Make) -> None:
    sender, ears = make(redis_url), [hearing(make(redis_url)), hearing(make(redis_url))]

    for first in range(1, 10_001, 10):
        ring(sender, *range(first, first + 10))
        for ear in ears:
            ear.wait(lambda ear=ear, first=first: len(ear.bells) == first + 9)  # type: ignore[misc]

    assert [ear.seqs for ear in ears] == [list(range(1, 10_001))] * 2
    assert [ear.outages for ear in ears] == [0, 0]
    assert KEPT <= kept(redis_server) < 400


def test_who_listens_late_begins_with_what_is_kept(redis_url: str, make: Make) -> None:
    sender, other = make(redis_url), hearing(make(redis_url))
    for seq in range(1, 301):
        ring(sender, seq)
        other.wait_for(seq)

    ear = hearing(make(redis_url))
    ear.wait_for(300)

    assert ear.seqs == list(range(301 - KEPT, 301))


def test_after_the_history_come_only_newer_bells(redis_url: str, redis_server: RedisServer, make: Make) -> None:
    sender, late = make(redis_url), make(redis_url)
    ring(sender, 1, 2, 3)
    wait_until(lambda: kept(redis_server) == 3)

    history = late.history()
    ring(sender, 4)
    wait_until(lambda: kept(redis_server) == 4)
    ear = hearing(late)
    ring(sender, 5)
    ear.wait_for(5)

    assert [bell.seq for bell in history] == [1, 2, 3]
    assert ear.seqs == [4, 5]


def test_a_history_asked_for_meanwhile_takes_nothing_from_the_listener(redis_url: str, make: Make) -> None:
    sender, late = make(redis_url), make(redis_url)
    ear = hearing(late)
    ring(sender, 1, 2)
    ear.wait_for(2)

    history = late.history()
    ring(sender, 3)
    ear.wait_for(3)

    assert [bell.seq for bell in history] == [1, 2]
    assert ear.seqs == [1, 2, 3]


def test_another_store_is_not_heard(redis_url: str, make: Make) -> None:
    demo, real = make(redis_url, "demo11"), make(redis_url, "real22")
    ear = hearing(make(redis_url, "real22"))

    ring(demo, 1)
    ring(real, 2)
    ear.wait_for(2)

    assert ear.seqs == [2]


def test_a_former_leader_who_wakes_up_is_not_heard(redis_url: str, redis_server: RedisServer, make: Make) -> None:
    former, leader, ear = make(redis_url), make(redis_url), hearing(make(redis_url))
    ring(former, 1, epoch=4)
    ear.wait_for(1)
    ring(leader, 2, epoch=5)
    ear.wait_for(2)

    ring(former, 3, epoch=4)
    wait_until(lambda: kept(redis_server) == 3)
    ring(leader, 4, epoch=5)
    ear.wait_for(4)

    assert ear.seqs == [1, 2, 4]
    assert [bell.seq for bell in make(redis_url).history()] == [1, 2, 4]


@pytest.mark.parametrize(
    "fields",
    [
        {"seq": "1"},
        {"seq": "one", "base": "0", "epoch": "1", "text": "{}"},
        {"seq": "1", "base": "0", "epoch": "", "text": "{}"},
        {"seq": "1", "base": "0", "epoch": "1", "text": b"\xff\xfe"},
        {"seq": "9" * 5000, "base": "0", "epoch": "1", "text": "{}"},
    ],
    ids=["missing", "no number", "empty", "no text", "too long"],
)
def test_a_malformed_entry_is_left_out_and_told_once(
    fields: dict[str, str | bytes], redis_url: str, redis_server: RedisServer, make: Make
) -> None:
    with structlog.testing.capture_logs() as logs, redis_server.client() as client:
        ear = hearing(make(redis_url))
        for _ in range(3):
            client.xadd("pnl:{k3f9x2}:live", fields)
        ring(make(redis_url), 2)
        ear.wait_for(2)

    assert ear.seqs == [2]
    assert ear.outages == 0
    assert [line["event"] for line in logs] == ["malformed entry in redis left out; later ones too"]


def test_a_receiver_that_fails_is_told_the_next_bell(redis_url: str, make: Make) -> None:
    ear = Ear()

    def received(bell: Bell) -> None:
        ear.received(bell)
        if bell.seq == 1:
            raise LookupError("no seat")

    relay = make(redis_url)
    with structlog.testing.capture_logs() as logs:
        relay.listen(received, ear.lost)
        ring(make(redis_url), 1, 2)
        ear.wait_for(2)

    assert ear.seqs == [1, 2]
    assert ear.outages == 0
    assert [line["event"] for line in logs] == ["a bell was not taken"]


def test_closing_ends_a_reader_that_waits(redis_url: str, make: Make) -> None:
    before = set(threading.enumerate())
    relay = make(redis_url)
    ear = hearing(relay)
    ring(relay, 1)
    ear.wait_for(1)

    began = time.monotonic()
    relay.close()

    assert time.monotonic() - began < 0.5
    assert set(threading.enumerate()) == before
    assert ear.outages == 0


def test_closing_sends_what_waits(redis_url: str, redis_server: RedisServer, make: Make) -> None:
    relay = make(redis_url)

    ring(relay, *range(1, 11))
    relay.close()
    ring(relay, 11)

    assert kept(redis_server) == 10


def test_a_unix_socket_will_do(redis_url: str, redis_server: RedisServer, make: Make) -> None:
    assert redis_url
    ear = hearing(make(redis_server.unix_url + "?db=0"))

    ring(make(redis_url), 1)
    ear.wait_for(1)

    assert ear.seqs == [1]
