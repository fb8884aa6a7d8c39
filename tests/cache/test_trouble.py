"""Redis killed, hung, restarted empty, or talking nonsense: no answer changes, and nobody waits twice."""

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import NamedTuple

import pytest
import structlog

from pnl.cache.layers import Layers
from pnl.cache.memory import Memory
from pnl.cache.shelf import Shelf
from pnl.clock import SystemClock
from pnl.redis.client import TIMEOUT_SECONDS
from tests.cache.crowd import at_once
from tests.proxy import Proxy
from tests.redis.servers import Cluster, Watched, clusters, wait_until, watched
from tests.services import RedisServer

Far = Callable[[int], Proxy]
Make = Callable[[str], Layers]

COOL_DOWN = 0.3
PERIODS = 4
"""For so many cool-downs it hangs. One timeout in each is the most; fewer come where the machine has time."""
MOST_SLOW = 2
"""One timeout, and one question that the machine had no time for."""
SPARE = 0.15
"""What a busy machine may add to a timeout."""
MOST_STALLS = 5
"""So many questions, or one in a thousand, the machine itself may keep waiting that Redis is not asked."""
NO_WAIT = 0.005
"""What a question takes that Redis is not asked."""

cluster = pytest.fixture(clusters)
watched_redis = pytest.fixture(watched)


@pytest.fixture
def make() -> Iterator[Make]:
    """Give what makes the cache of one process, which keeps nothing itself: each question goes to Redis."""
    with ExitStack() as parts:

        def cache(url: str) -> Layers:
            shelf = Shelf(url, stream="k3f9x2", version="1", clock=SystemClock(), cool_down_seconds=COOL_DOWN)
            made = Layers(Memory(items=0), shelf, SystemClock())
            parts.callback(made.close)
            wait_until(lambda: made.state() == "down" or _reaches(made))
            return made

        yield cache


def _reaches(cache: Layers) -> bool:
    """Return whether a value comes back from Redis."""
    before = cache.counts()["l2"]
    for _ in range(2):
        cache.get(("reaches",), lambda: b"1")
    return cache.counts()["l2"] > before


def truth(name: str) -> bytes:
    """Return what the database would say."""
    return f"the answer to {name} ".encode() * (int(name) % 50 + 1)


class Wait(NamedTuple):
    """How long a question took, and whether Redis was thought to be well when it was asked."""

    seconds: float
    well: bool


class Asked:
    """A reader who asks questions of a cache, and checks each answer and how long it took."""

    def __init__(self, cache: Layers) -> None:
        self.cache = cache
        self._random = random.Random(7)

    def times(self, count: int) -> list[Wait]:
        """Ask so many questions; return how long each took."""
        took = []
        for _ in range(count):
            name = str(self._random.randrange(40))
            well, began = self.cache.state() == "ok", time.perf_counter()
            found = self.cache.get((name,), lambda name=name: truth(name))  # type: ignore[misc]
            took.append(Wait(time.perf_counter() - began, well))
            assert found == truth(name)
        return took


def served(asked: Asked) -> bool:
    """Ask a hundred questions; tell whether Redis answered any. On a busy machine it may be too late for a while."""
    before = asked.cache.counts()["l2"]
    asked.times(100)
    return asked.cache.counts()["l2"] > before


def filled(asked: Asked) -> bool:
    """Ask a hundred questions; tell whether Redis answered them all."""
    before = asked.cache.counts()["l3"]
    asked.times(100)
    return asked.cache.counts()["l3"] == before


def outages(logs: Sequence[Mapping[str, object]]) -> list[Mapping[str, object]]:
    """Return what was logged of outages, but for answers that came too late because the machine is busy."""
    return [line for line in logs if line["event"] == "redis is down" and line["kind"] != "TooSlow"]


def longest(took: Sequence[Wait]) -> float:
    """Return the longest wait for Redis."""
    return max((wait.seconds for wait in took if wait.well), default=0)


def slow(took: Sequence[Wait]) -> list[float]:
    """Return the waits for Redis that a timeout explains; who asks while it is down must not wait at all.

    The machine itself may keep a question waiting now and then: see `MOST_STALLS`.
    """
    unasked = sorted(wait.seconds for wait in took if not wait.well)
    assert not unasked or unasked[len(unasked) // 2] < NO_WAIT
    assert sum(seconds > TIMEOUT_SECONDS * 0.5 for seconds in unasked) <= max(MOST_STALLS, len(unasked) // 1000)
    return [wait.seconds for wait in took if wait.well and wait.seconds > TIMEOUT_SECONDS * 0.5]


def test_killing_redis_changes_no_answer_and_slows_none(own_redis: RedisServer, make: Make) -> None:
    asked = Asked(make(own_redis.url))
    asked.times(100)

    own_redis.kill()
    took = asked.times(200)

    assert longest(took) < TIMEOUT_SECONDS + SPARE
    assert len(slow(took)) <= MOST_SLOW
    assert asked.cache.state() == "down"
    before = asked.cache.counts()
    asked.times(50)
    assert asked.cache.counts() == {**before, "l3": before["l3"] + 50}


def test_a_hung_redis_costs_one_timeout_and_is_left_alone_until_it_is_well(own_redis: RedisServer, make: Make) -> None:
    asked = Asked(make(own_redis.url))
    asked.times(100)

    own_redis.freeze()
    began = time.perf_counter()
    took: list[Wait] = []
    while time.perf_counter() - began < PERIODS * COOL_DOWN:
        took += asked.times(20)
    own_redis.thaw()

    wait_until(lambda: served(asked))
    assert 1 <= len(slow(took)) <= PERIODS
    assert longest(took) < TIMEOUT_SECONDS + SPARE


def test_redis_that_starts_again_empty_is_filled_again(own_redis: RedisServer, make: Make) -> None:
    asked = Asked(make(own_redis.url))
    asked.times(100)

    own_redis.restart_empty()
    asked.times(20)
    made = asked.cache.counts()["l3"]

    wait_until(lambda: filled(asked))
    assert asked.cache.counts()["l3"] > made


@pytest.mark.parametrize(
    "spoil",
    [
        Proxy.black_hole,
        Proxy.reset,
        Proxy.garble,
        lambda proxy: proxy.cut(5),
        lambda proxy: proxy.cut(100),
        lambda proxy: proxy.drop(3),
        lambda proxy: proxy.delay(30),
        lambda proxy: proxy.delay(50),
        lambda proxy: proxy.delay(250),
        lambda proxy: proxy.delay(2000),
    ],
    ids=[
        "black hole",
        "reset",
        "garbled",
        "cut",
        "cut after 100 bytes",
        "bytes lost",
        "slow",
        "100 ms",
        "500 ms",
        "too slow",
    ],
)
def test_a_bad_network_changes_no_answer(
    spoil: Callable[[Proxy], None], redis_url: str, redis_server: RedisServer, proxy_to: Far, make: Make
) -> None:
    proxy = proxy_to(redis_server.port)
    asked = Asked(make(f"redis://127.0.0.1:{proxy.port}/0"))
    assert redis_url
    asked.times(100)

    spoil(proxy)
    took = asked.times(200)
    down = asked.cache.state()
    proxy.pass_all()

    wait_until(lambda: served(asked))
    assert down == "down"
    assert longest(took) < TIMEOUT_SECONDS + SPARE
    assert len(slow(took)) <= MOST_SLOW


def test_of_many_who_meet_a_hung_redis_each_waits_once(own_redis: RedisServer, make: Make) -> None:
    asked = Asked(make(own_redis.url))
    asked.times(20)
    own_redis.freeze()

    def ask() -> list[float]:
        return [wait.seconds for wait in Asked(asked.cache).times(20)]

    waits = [future.result() for future in at_once(16, ask)]
    own_redis.thaw()

    assert max(sum(each) for each in waits) < TIMEOUT_SECONDS + 4 * SPARE
    late = [sum(seconds > TIMEOUT_SECONDS * 0.5 for seconds in each) for each in waits]
    assert max(late) <= 2  # the other is the machine, with sixteen threads on its hands


def test_a_redis_that_is_down_at_the_start_is_found_when_it_comes(own_redis: RedisServer, make: Make) -> None:
    own_redis.kill()
    cache = make(own_redis.url)
    asked = Asked(cache)
    asked.times(20)
    assert cache.counts()["l2"] == 0

    own_redis.start()
    wait_until(lambda: served(asked))


def test_a_full_redis_that_refuses_writes_is_an_outage(own_redis: RedisServer, make: Make) -> None:
    asked = Asked(make(own_redis.url))
    with own_redis.client() as client, structlog.testing.capture_logs() as logs:
        client.config_set("maxmemory-policy", "noeviction")

        def refused() -> bool:
            client.config_set("maxmemory", "1")
            asked.times(50)
            client.config_set("maxmemory", "0")
            wait_until(lambda: asked.cache.state() == "ok")
            return bool(outages(logs))

        wait_until(refused)

    assert [line["kind"] for line in outages(logs)] == ["OutOfMemoryError"]
    assert logs[-1]["event"] == "redis answers again"


def test_closing_does_not_wait_for_a_hung_redis(own_redis: RedisServer, make: Make) -> None:
    asked = Asked(make(own_redis.url))
    own_redis.freeze()
    asked.times(2)

    began = time.perf_counter()
    asked.cache.close()
    took = time.perf_counter() - began
    asked.times(20)
    own_redis.thaw()

    assert took < 2 * TIMEOUT_SECONDS + SPARE


def test_a_failover_changes_no_answer_and_costs_one_timeout(watched_redis: Watched, make: Make) -> None:
    asked = Asked(make(watched_redis.url))
    asked.times(100)

    watched_redis.master.freeze()
    took = asked.times(100)
    watched_redis.master.thaw()
    watched_redis.fail_over()

    wait_until(lambda: served(asked))
    assert len(slow(took)) <= MOST_SLOW


def test_a_slot_that_moves_is_followed_without_an_outage(cluster: Cluster, make: Make) -> None:
    asked = Asked(make(cluster.url))
    asked.times(200)
    wait_until(lambda: served(asked))

    cluster.move("{k3f9x2}")
    made = asked.cache.counts()["l3"]
    with structlog.testing.capture_logs() as logs:
        asked.times(100)

    assert outages(logs) == []
    assert asked.cache.counts()["l3"] == made or logs


def test_while_a_slot_is_on_its_way_nothing_is_called_an_outage(cluster: Cluster, make: Make) -> None:
    asked = Asked(make(cluster.url))
    asked.times(200)
    old, new = cluster.begin_to_move("{k3f9x2}")

    with structlog.testing.capture_logs() as logs:
        asked.times(100)
        cluster.end_the_move("{k3f9x2}", old, new)
        asked.times(100)

    assert outages(logs) == []
    wait_until(lambda: asked.cache.state() == "ok")


def test_a_node_that_dies_is_an_outage_until_another_has_its_slot(cluster: Cluster, make: Make) -> None:
    asked = Asked(make(cluster.url))
    asked.times(100)
    holder = cluster.holder("{k3f9x2}")

    holder.kill()
    took = asked.times(100)
    assert asked.cache.state() == "down"
    cluster.give("{k3f9x2}", next(node for node in cluster.nodes if node is not holder))

    wait_until(lambda: served(asked))
    assert len(slow(took)) <= MOST_SLOW


def test_a_redis_that_answers_too_late_to_be_of_use_stays_out(
    redis_url: str, redis_server: RedisServer, proxy_to: Far, make: Make
) -> None:
    proxy = proxy_to(redis_server.port)
    assert redis_url
    cache = make(f"redis://127.0.0.1:{proxy.port}/0")
    proxy.delay(40)  # there and back: more than half a timeout, less than a whole one
    asked = Asked(cache)

    with structlog.testing.capture_logs() as logs:
        began, took = time.perf_counter(), asked.times(20)
        while time.perf_counter() - began < 4 * COOL_DOWN:
            took += asked.times(20)

    assert longest(took) < TIMEOUT_SECONDS + SPARE
    assert len(slow(took)) <= MOST_SLOW
    down = {line["kind"] for line in logs if line["event"] == "redis is down"}
    assert down
    assert down <= {"TooSlow", "TimeoutError"}
    assert asked.cache.state() == "down"


def test_a_redis_that_may_not_be_read_is_an_outage(own_redis: RedisServer, make: Make) -> None:
    asked = Asked(make(own_redis.url))
    with own_redis.client() as client, structlog.testing.capture_logs() as logs:

        def refused() -> bool:
            client.execute_command("ACL", "SETUSER", "default", "-get")
            asked.times(20)
            wait_until(lambda: asked.cache.state() == "down")
            client.execute_command("ACL", "SETUSER", "default", "+get")
            wait_until(lambda: asked.cache.state() == "ok")
            return bool(outages(logs))

        wait_until(refused)

    assert [line["kind"] for line in outages(logs)] == ["NoPermissionError"]
