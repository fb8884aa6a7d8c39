"""The second layer on a Redis that is well: what comes out is what was put in, and it is bounded."""

import pytest

from pnl.cache.shelf import Shelf
from pnl.clock import Clock, SystemClock
from tests.fakes import StillClock
from tests.redis.servers import wait_until
from tests.services import RedisServer


def shelf(url: str, *, clock: Clock | None = None, items: int = 10_000, stream: str = "k3f9x2") -> Shelf:
    """Return the shelf of one process."""
    return Shelf(url, stream=stream, version="1", clock=clock or SystemClock(), items=items)


@pytest.mark.parametrize(
    "value",
    [b"1", b"\x00\xff\r\n$-1\r\n", b"a" * 1023, b"a" * 1024, bytes(range(256)) * 400, b"0" * 100_000],
    ids=["letter", "protocol", "just plain", "just packed", "no pattern", "large"],
)
def test_a_value_comes_out_as_it_was_put(redis_url: str, value: bytes) -> None:
    shelf(redis_url).put(("a",), value, 300)

    assert shelf(redis_url).get(("a",)) == value


def test_a_large_value_takes_little_room(redis_url: str, redis_server: RedisServer) -> None:
    shelf(redis_url).put(("a",), b'{"net":"12.34"}' * 2000, 300)

    with redis_server.client() as client:
        assert sum(client.strlen(name) for name in client.keys("pnl:{k3f9x2}:kept:*")) < 1000


def test_a_value_that_is_too_large_is_not_kept(redis_url: str, redis_server: RedisServer) -> None:
    shelf(redis_url).put(("a",), b"x" * (2 * 1024 * 1024 + 1), 300)

    with redis_server.client() as client:
        assert client.dbsize() == 0


def test_every_key_expires(redis_url: str, redis_server: RedisServer) -> None:
    shelf(redis_url).put(("short",), b"1", 300)
    shelf(redis_url).put(("long",), b"1", 1e9)

    with redis_server.client() as client:
        left = sorted(client.pttl(name) for name in client.keys("*"))
    assert len(left) == 3
    assert 290_000 < left[0] <= 300_000
    assert 1_790_000 < left[1] <= left[2] <= 1_800_000


def test_all_keys_have_one_hash_tag(redis_url: str, redis_server: RedisServer) -> None:
    shelf(redis_url).put(("a",), b"1", 300)

    with redis_server.client() as client:
        assert all(name.startswith(b"pnl:{k3f9x2}:") for name in client.keys("*"))


def test_the_one_that_was_used_longest_ago_makes_room(redis_url: str) -> None:
    clock = StillClock()
    kept = shelf(redis_url, clock=clock, items=3)
    for name in "abc":
        kept.put((name,), name.encode(), 300)
        clock.go(1)
    kept.get(("a",))
    clock.go(1)

    kept.put(("d",), b"d", 300)

    assert [name for name in "abcd" if kept.get((name,))] == ["a", "c", "d"]


def test_a_server_without_a_limit_holds_ten_thousand_of_ours(redis_url: str, redis_server: RedisServer) -> None:
    kept = shelf(redis_url)
    with redis_server.client() as client:
        client.config_set("maxmemory", "0")
        for number in range(10_050):
            kept.put((str(number),), b"1", 300)
            while kept.state() == "down":  # an answer came too late: the machine is busy
                wait_until(lambda: kept.state() == "ok")
                kept.put((str(number),), b"1", 300)
        client.config_set("maxmemory", "64mb")
        # A look at whether Redis is well again leaves a value of its own behind for a second.
        wait_until(lambda: len(client.keys("pnl:{k3f9x2}:kept:*")) == 10_000)
    assert kept.get(("49",)) is None
    assert kept.get(("50",)) == b"1"


def test_what_has_expired_is_not_counted_any_more(redis_url: str, redis_server: RedisServer) -> None:
    clock = StillClock()
    kept = shelf(redis_url, clock=clock)
    kept.put(("a",), b"1", 300)

    clock.go(1801)
    kept.put(("b",), b"1", 300)

    with redis_server.client() as client:
        assert client.zcard("pnl:{k3f9x2}:used") == 1


def test_another_store_has_its_own(redis_url: str) -> None:
    shelf(redis_url, stream="demo11").put(("a",), b"demo", 300)

    assert shelf(redis_url, stream="real22").get(("a",)) is None


def test_a_value_that_somebody_else_wrote_is_not_believed(redis_url: str, redis_server: RedisServer) -> None:
    kept = shelf(redis_url)
    kept.put(("a",), b"1" * 3000, 300)
    kept.put(("b",), b"2" * 3000, 300)
    with redis_server.client() as client:
        one, other = client.keys("pnl:{k3f9x2}:kept:*")
        value = client.get(one)
        assert isinstance(value, bytes)

        client.set(other, value)
        assert sum(kept.get((name,)) is not None for name in "ab") == 1

        for spoiled in (b"", b"1", value[:20], value[:-1] + bytes([value[-1] ^ 1]), b"0" + value[1:]):
            client.set(one, spoiled)
            client.set(other, spoiled)
            assert kept.get(("a",)) in (None, b"1" * 3000)
            assert kept.get(("b",)) in (None, b"2" * 3000)
    assert kept.state() == "ok"
