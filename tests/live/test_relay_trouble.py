"""The relay while Redis is down, frozen, far away, or talks nonsense: nobody waits, and it mends itself."""

import time
from collections.abc import Callable

import pytest
import structlog

from pnl.live.relay import COOL_DOWN_SECONDS
from tests.fakes import StillClock
from tests.live.relays import STREAM, Ear, Make, hearing, kept, ring, ring_until, wait_until
from tests.proxy import Proxy
from tests.services import RedisServer

Far = Callable[[int], Proxy]


def url(proxy: Proxy) -> str:
    return f"redis://127.0.0.1:{proxy.port}/0"


def test_redis_that_starts_again_empty_loses_bells_and_goes_on(own_redis: RedisServer, make: Make) -> None:
    sender, ears = make(own_redis.url), [hearing(make(own_redis.url)), hearing(make(own_redis.url))]
    ring(sender, 1, 2, 3)
    for ear in ears:
        ear.wait_for(3)

    own_redis.kill()
    for ear in ears:
        ear.wait(lambda ear=ear: ear.outages == 1)  # type: ignore[misc]
    ring(sender, 4, 5)
    wait_until(lambda: sender.state() == "down")
    own_redis.start()
    heard = [ring_until(sender, ear, 6 + 1000 * n) for n, ear in enumerate(ears)]

    assert [ear.seqs[:3] for ear in ears] == [[1, 2, 3]] * 2
    assert min(heard) >= 6
    assert not {4, 5} & {*ears[0].seqs, *ears[1].seqs}
    assert [ear.outages for ear in ears] == [1, 1]
    wait_until(lambda: sender.state() == "ok")


def test_what_came_while_a_reader_was_cut_off_is_caught_up(
    redis_url: str, redis_server: RedisServer, proxy_to: Far, make: Make
) -> None:
    proxy = proxy_to(redis_server.port)
    sender, ear = make(redis_url), hearing(make(url(proxy)))
    ring(sender, 1, 2)
    ear.wait_for(2)

    proxy.reset()
    ear.wait(lambda: ear.outages == 1)
    ring(sender, 3, 4)
    wait_until(lambda: kept(redis_server) == 4 and proxy.accepted >= 3)
    proxy.pass_all()
    ear.wait_for(4)

    assert ear.seqs == [1, 2, 3, 4]
    assert ear.outages == 1


def test_a_stream_whose_clock_went_back_is_read_from_its_start(
    own_redis: RedisServer, proxy_to: Far, make: Make
) -> None:
    proxy = proxy_to(own_redis.port)
    fields = {"seq": "1", "base": "0", "epoch": "1", "text": "{}"}
    with own_redis.client() as client:
        client.xadd(f"pnl:{{{STREAM}}}:live", fields, id="9999999999999-0")
        ear = hearing(make(url(proxy)))
        ear.wait_for(1)

        proxy.reset()
        ear.wait(lambda: ear.outages == 1)
        client.flushall()
        client.xadd(f"pnl:{{{STREAM}}}:live", fields | {"seq": "2"}, id="1000-0")
        proxy.pass_all()
        ear.wait_for(2)
        client.xadd(f"pnl:{{{STREAM}}}:live", fields | {"seq": "3"}, id="1000-1")
        ear.wait_for(3)

    assert ear.seqs == [1, 2, 3]


def test_redis_that_is_down_from_the_start_is_told_once(own_redis: RedisServer, make: Make) -> None:
    own_redis.kill()
    with structlog.testing.capture_logs() as logs:
        sender, listener = make(own_redis.url), make(own_redis.url)
        assert listener.history() == []
        ear = hearing(listener)
        ring(sender, 1)
        ear.wait(lambda: ear.outages == 1)
        wait_until(lambda: sender.state() == listener.state() == "down")

        own_redis.start()
        ring_until(sender, ear, 2)
        wait_until(lambda: sender.state() == listener.state() == "ok")

    assert ear.outages == 1
    assert sorted(line["event"] for line in logs) == ["redis answers again"] * 2 + ["redis is down"] * 2
    assert {line["kind"] for line in logs if "kind" in line} == {"ConnectionError"}


def test_a_frozen_redis_keeps_nobody_waiting(own_redis: RedisServer, make: Make) -> None:
    sender, ear = make(own_redis.url), hearing(make(own_redis.url))
    ring(sender, 1)
    ear.wait_for(1)

    own_redis.freeze()
    slowest = 0.0
    for seq in range(2, 1002):
        began = time.monotonic()
        ring(sender, seq)
        slowest = max(slowest, time.monotonic() - began)
    wait_until(lambda: sender.state() == "down")
    ear.wait(lambda: ear.outages == 1)
    own_redis.thaw()
    heard = ring_until(sender, ear, 2000)

    assert slowest < 0.2
    assert heard >= 2000
    assert ear.outages == 1


def test_one_attempt_is_made_in_a_cool_down(redis_server: RedisServer, proxy_to: Far, make: Make) -> None:
    proxy, clock = proxy_to(redis_server.port), StillClock()
    proxy.black_hole()  # a reset that comes early has the library connect again, so that an attempt counts twice
    sender = make(url(proxy), clock=clock)
    ring(sender, 1)
    wait_until(lambda: sender.state() == "down")

    clock.go(COOL_DOWN_SECONDS - 0.1)
    ring(sender, 2)
    wait_until(lambda: not sender._unsent)
    clock.go(0.2)
    ring(sender, 3)
    wait_until(lambda: proxy.accepted == 2)
    ring(sender, 4)
    wait_until(lambda: not sender._unsent)
    sender.close()

    assert proxy.accepted == 2


@pytest.mark.parametrize(
    "spoil",
    [
        Proxy.black_hole,
        Proxy.reset,
        Proxy.garble,
        lambda proxy: proxy.cut(5),
        lambda proxy: proxy.drop(3),
        lambda proxy: proxy.delay(2000),
    ],
    ids=["black hole", "reset", "garbled", "cut", "bytes missing", "far away"],
)
def test_a_spoiled_connection_is_given_up_and_made_anew(
    spoil: Callable[[Proxy], None], redis_url: str, redis_server: RedisServer, proxy_to: Far, make: Make
) -> None:
    proxy = proxy_to(redis_server.port)
    far, near = make(url(proxy)), make(redis_url)
    ear, through = hearing(near), hearing(far)
    ring(far, 1)
    ear.wait_for(1)
    through.wait_for(1)

    spoil(proxy)
    began = time.monotonic()
    ring(far, 2)
    took = time.monotonic() - began
    wait_until(lambda: far.state() == "down")
    ring(near, 3)
    through.wait(lambda: through.outages >= 1)
    proxy.pass_all()
    ring_until(far, ear, 1000)
    heard = ring_until(far, through, 2000)
    ear.wait_for(heard)
    wait_until(lambda: far.state() == "ok")

    assert took < 0.2
    assert through.seqs == sorted(set(through.seqs))
    assert {1, 3, heard} <= set(through.seqs)
    assert near.state() == "ok"


def test_latency_alone_is_no_outage(redis_url: str, redis_server: RedisServer, proxy_to: Far, make: Make) -> None:
    proxy = proxy_to(redis_server.port)
    proxy.delay(50)
    sender, ear = make(url(proxy)), hearing(make(url(proxy)))

    ring(sender, 1, 2, 3)
    ear.wait_for(3)

    assert redis_url
    assert ear.seqs == [1, 2, 3]
    assert ear.outages == 0
    assert sender.state() == "ok"


def test_a_redis_that_is_full_refuses_bells_and_is_read_on(own_redis: RedisServer, make: Make) -> None:
    sender, ear = make(own_redis.url), Ear()
    sender.listen(ear.received, ear.lost)
    ring(sender, 1)
    ear.wait_for(1)

    with own_redis.client() as client, structlog.testing.capture_logs() as logs:
        client.config_set("maxmemory-policy", "noeviction")
        client.config_set("maxmemory", "1")
        ring(sender, 2)
        wait_until(lambda: sender.state() == "down")
        client.config_set("maxmemory", "0")
        ring_until(sender, ear, 3)
        wait_until(lambda: sender.state() == "ok")

    assert ear.outages == 0
    assert 2 not in ear.seqs
    assert [line["event"] for line in logs] == ["redis is down", "redis answers again"]
    assert logs[0]["kind"] == "OutOfMemoryError"


def test_a_reader_that_may_not_wait_for_bells_is_told_once_and_looks_for_them(
    own_redis: RedisServer, make: Make
) -> None:
    with own_redis.client() as client, structlog.testing.capture_logs() as logs:
        client.execute_command("ACL", "SETUSER", "default", "-xread")
        ear = hearing(make(own_redis.url))
        ear.wait(lambda: ear.outages == 1)
        ring(make(own_redis.url), 1)
        ear.wait_for(1)
        ear.wait(lambda: ear.outages == 2)

    assert ear.seqs == [1]
    assert [line["kind"] for line in logs] == ["NoPermissionError"]


def test_what_a_former_leader_could_not_send_counts_no_more(own_redis: RedisServer, make: Make) -> None:
    former, leader = make(own_redis.url), make(own_redis.url)
    ear = hearing(former)
    with own_redis.client() as client:
        client.config_set("maxmemory-policy", "noeviction")
        client.config_set("maxmemory", "1")
        ring(former, 1, epoch=1)
        wait_until(lambda: former.state() == "down")
        client.config_set("maxmemory", "0")

    ring(leader, 2, epoch=2)
    ear.wait_for(2)

    wait_until(lambda: former.state() == "ok")


def test_closing_does_not_wait_for_a_frozen_redis(own_redis: RedisServer, make: Make) -> None:
    relay = make(own_redis.url)
    ear = hearing(relay)
    ring(relay, 1)
    ear.wait_for(1)
    own_redis.freeze()
    ring(relay, *range(2, 12))

    began = time.monotonic()
    relay.close()

    assert time.monotonic() - began < 1


def test_figures_in_a_garbled_answer_are_not_logged(own_redis: RedisServer, proxy_to: Far, make: Make) -> None:
    proxy = proxy_to(own_redis.port)
    sender = make(url(proxy))
    proxy.garble()

    with structlog.testing.capture_logs() as logs:
        ring(sender, 1)
        wait_until(lambda: sender.state() == "down")

    assert [(line["kind"], line["error"]) for line in logs] == [("ValueError", "")]
