"""The layers together: who answers, what is counted, what is kept where."""

import pytest

from pnl.cache import open_cache
from pnl.cache.layers import Layers
from pnl.cache.memory import Memory
from pnl.cache.shelf import Shelf
from pnl.clock import SystemClock
from pnl.ports import Cache
from tests.cache.crowd import at_once
from tests.fakes import StillClock


def never() -> bytes:
    raise AssertionError("it was made again")


def layers(url: str | None = None, version: str = "1", clock: StillClock | None = None) -> Layers:
    """Return the cache of one process."""
    shelf = Shelf(url, stream="k3f9x2", version=version, clock=SystemClock()) if url else None
    return Layers(Memory(), shelf, clock or StillClock())


def test_it_is_a_cache() -> None:
    cache: Cache = open_cache(None, stream="k3f9x2", settings="10", clock=StillClock())

    assert cache.get(("a",), lambda: b"1") == b"1"
    assert cache.state() == "off"
    assert cache.name.startswith("k3f9x2 ")
    cache.close()


def test_it_asks_the_redis_that_it_is_given(redis_url: str) -> None:
    caches = [open_cache(redis_url, stream="k3f9x2", settings="10", clock=SystemClock()) for _ in range(2)]

    found = [cache.get(("a",), lambda: b"1") for cache in caches]

    assert found == [b"1"] * 2
    assert [cache.counts()["l2"] for cache in caches] == [0, 1]
    assert [cache.state() for cache in caches] == ["ok"] * 2
    for cache in caches:
        cache.close()


def test_a_value_is_made_once_and_then_comes_from_this_process() -> None:
    cache = layers()

    first, second = cache.get(("a",), lambda: b"1"), cache.get(("a",), never)

    assert (first, second) == (b"1", b"1")
    assert cache.counts() == {"l1": 1, "l2": 0, "l3": 1}


def test_another_process_has_it_from_redis_and_then_from_itself(redis_url: str) -> None:
    one, other = layers(redis_url), layers(redis_url)
    one.get(("a",), lambda: b"1" * 5000)

    found = [other.get(("a",), never) for _ in range(2)]

    assert found == [b"1" * 5000] * 2
    assert one.counts() == {"l1": 0, "l2": 0, "l3": 1}
    assert other.counts() == {"l1": 1, "l2": 1, "l3": 0}


def test_a_hit_counts_once_however_many_layers_it_passed(redis_url: str) -> None:
    cache = layers(redis_url)

    for number in range(100):
        cache.get((str(number % 7),), lambda: b"1")

    assert sum(cache.counts().values()) == 100
    assert cache.counts()["l3"] == 7


def test_keys_are_told_apart_part_by_part(redis_url: str) -> None:
    cache, other = layers(redis_url), layers(redis_url)
    cache.get(("ab", "c"), lambda: b"1")

    assert other.get(("a", "bc"), lambda: b"2") == b"2"


def test_another_version_of_the_program_makes_its_own(redis_url: str) -> None:
    layers(redis_url, version="1").get(("a",), lambda: b"old")

    assert layers(redis_url, version="2").get(("a",), lambda: b"new") == b"new"


def test_of_sixty_four_threads_one_makes_it(redis_url: str) -> None:
    cache, made = layers(redis_url), []

    def make() -> bytes:
        made.append(1)
        return b"1"

    found = [future.result() for future in at_once(64, lambda: cache.get(("a",), make))]

    assert found == [b"1"] * 64
    assert len(made) == 1
    assert cache.counts() == {"l1": 63, "l2": 0, "l3": 1}


def test_an_error_is_raised_and_not_kept() -> None:
    cache = layers()

    def fail() -> bytes:
        raise LookupError("no such day")

    with pytest.raises(LookupError):
        cache.get(("a",), fail)

    assert cache.get(("a",), lambda: b"1") == b"1"
    assert cache.counts() == {"l1": 0, "l2": 0, "l3": 1}


def test_an_empty_value_is_kept_by_this_process_alone(redis_url: str) -> None:
    cache, other = layers(redis_url), layers(redis_url)
    cache.get(("a",), lambda: b"")

    assert cache.get(("a",), never) == b""
    assert other.get(("a",), lambda: b"2") == b"2"


def test_a_value_is_kept_as_long_as_it_may_be_and_never_longer_than_half_an_hour() -> None:
    clock = StillClock()
    cache = layers(clock=clock)
    cache.get(("short",), lambda: b"1", keep_seconds=300)
    cache.get(("long",), lambda: b"1", keep_seconds=1e9)

    clock.go(299)
    assert cache.get(("short",), never) == b"1"
    clock.go(1)
    assert cache.get(("short",), lambda: b"2") == b"2"
    clock.go(1500)
    assert cache.get(("long",), lambda: b"2") == b"2"


def test_a_process_without_redis_does_not_load_its_library() -> None:
    import subprocess
    import sys

    code = (
        "import sys; from pnl.cache import open_cache; from pnl.clock import SystemClock;"
        "open_cache(None, stream='a', settings='', clock=SystemClock()); sys.exit('redis' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
