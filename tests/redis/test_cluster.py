"""Commands to a real cluster of three nodes: where the key lives, also when it moves or a node dies."""

import pytest
from redis import Redis
from redis.exceptions import RedisError

from pnl.redis.client import Wire
from tests.redis.servers import Cluster, wait_until

KEY = "pnl:{k3f9x2}:live"


def test_a_key_is_written_to_the_node_that_holds_it_whichever_is_asked(cluster: Cluster) -> None:
    for node in cluster.nodes:
        wire = Wire(f"redis+cluster://127.0.0.1:{node.port}", key=KEY)

        wire.call(lambda redis: redis.append(KEY, "x"))

    with cluster.holder(KEY).client() as client:
        assert client.get(KEY) == b"xxx"


def test_keys_of_one_tag_live_on_one_node_so_that_a_pipeline_may_touch_them_all(cluster: Cluster) -> None:
    wire = Wire(cluster.url, key=KEY)

    def both(redis: Redis) -> None:
        with redis.pipeline(transaction=False) as line:
            line.set("{k3f9x2}:a", 1)
            line.zadd("{k3f9x2}:b", {"c": 1})
            line.execute()

    wire.call(both)

    with cluster.holder(KEY).client() as client:
        assert client.dbsize() == 2


def test_a_key_that_has_moved_is_followed_at_once(cluster: Cluster) -> None:
    wire = Wire(cluster.url, key=KEY)
    wire.call(lambda redis: redis.set(KEY, "before"))

    holder = cluster.move(KEY)

    assert wire.call(lambda redis: redis.get(KEY)) == b"before"
    assert wire.find().get_connection_kwargs()["port"] == holder.port


def test_a_node_that_dies_takes_its_keys_and_no_others(cluster: Cluster) -> None:
    holder = cluster.holder(KEY)
    wire = Wire(cluster.url, key=KEY)
    other = next(f"{{{n}}}" for n in range(100) if cluster.holder(f"{{{n}}}") is not holder)
    wire.call(lambda redis: redis.set(KEY, "1"))

    holder.kill()

    with pytest.raises(RedisError):
        wire.call(lambda redis: redis.get(KEY))
    assert not wire.found
    assert Wire(cluster.url, key=other).call(lambda redis: redis.set(other, "1"))


def test_a_node_that_comes_back_is_found_again(cluster: Cluster) -> None:
    holder = cluster.holder(KEY)
    wire = Wire(cluster.url, key=KEY)
    wire.call(lambda redis: redis.set(KEY, "1"))
    holder.kill()
    with pytest.raises(RedisError):
        wire.call(lambda redis: redis.get(KEY))

    holder.start()

    wait_until(lambda: bool(wire.call(lambda redis: redis.set(KEY, "2"))))


def test_a_slot_whose_node_died_is_served_by_the_one_that_takes_it_over(cluster: Cluster) -> None:
    holder = cluster.holder(KEY)
    wire = Wire(cluster.url, key=KEY)
    wire.call(lambda redis: redis.set(KEY, "1"))

    holder.kill()
    with pytest.raises(RedisError):
        wire.call(lambda redis: redis.get(KEY))
    cluster.give(KEY, next(node for node in cluster.nodes if node is not holder))

    wait_until(lambda: bool(wire.call(lambda redis: redis.set(KEY, "2"))))
