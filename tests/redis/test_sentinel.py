"""Commands to the master that real sentinels name, also after it has died and another took its place."""

import pytest
from redis.exceptions import RedisError

from pnl.redis.client import Wire
from tests.redis.servers import Sentinel, Watched

KEY = "pnl:{k3f9x2}:live"


def test_commands_go_to_the_master(watched_redis: Watched) -> None:
    wire = Wire(watched_redis.url, key=KEY)

    wire.call(lambda redis: redis.set(KEY, "1"))

    with watched_redis.master.client() as client:
        assert client.get(KEY) == b"1"


def test_after_a_failover_the_next_command_but_one_finds_the_new_master(watched_redis: Watched) -> None:
    wire = Wire(watched_redis.url, key=KEY)
    wire.call(lambda redis: redis.set(KEY, "1"))

    watched_redis.fail_over()
    with pytest.raises(RedisError):
        wire.call(lambda redis: redis.set(KEY, "2"))
    wire.call(lambda redis: redis.set(KEY, "3"))

    with watched_redis.replica.client() as client:
        assert client.get(KEY) == b"3"


def test_a_master_that_became_a_replica_is_left_for_the_new_one(watched_redis: Watched) -> None:
    wire = Wire(watched_redis.url, key=KEY)
    wire.call(lambda redis: redis.set(KEY, "1"))

    watched_redis.hand_over()
    with pytest.raises(RedisError):
        wire.call(lambda redis: redis.set(KEY, "2"))
    wire.call(lambda redis: redis.set(KEY, "3"))

    with watched_redis.replica.client() as client:
        assert client.get(KEY) == b"3"


def test_who_must_not_wait_is_told_that_the_master_is_not_known(watched_redis: Watched) -> None:
    wire = Wire(watched_redis.url, key=KEY)

    with pytest.raises(RedisError, match="not known yet"):
        wire.call(lambda redis: redis.get(KEY), looks=False)
    wire.find()
    assert wire.call(lambda redis: redis.get(KEY), looks=False) is None


def test_a_name_that_no_sentinel_knows_is_said_so(watched_redis: Watched) -> None:
    wire = Wire(watched_redis.url.replace("northstar", "southstar"), key=KEY)

    with pytest.raises(RedisError, match="no master by the name of southstar"):
        wire.call(lambda redis: redis.get(KEY))


def test_sentinels_may_have_a_password_of_their_own(watched_redis: Watched) -> None:
    sentinel = Sentinel(watched_redis.master.port, password="hunter2")
    sentinel.start()
    try:
        wire = Wire(f"redis+sentinel://127.0.0.1:{sentinel.port}/northstar?sentinel_password=hunter2", key=KEY)
        assert wire.call(lambda redis: redis.set(KEY, "1"))

        shut = Wire(f"redis+sentinel://127.0.0.1:{sentinel.port}/northstar", key=KEY)
        with pytest.raises(RedisError, match="Authentication required"):
            shut.call(lambda redis: redis.get(KEY))
    finally:
        sentinel.remove()


def test_a_server_that_a_sentinel_names_too_early_is_not_believed(watched_redis: Watched) -> None:
    with watched_redis.master.client() as client:  # before the sentinel has noticed
        client.replicaof("127.0.0.1", str(watched_redis.replica.port))
    wire = Wire(watched_redis.url, key=KEY)

    with pytest.raises(RedisError, match="not the master yet"):
        wire.call(lambda redis: redis.set(KEY, "1"))
