"""The relay on a Redis that moves: a master that fails over, a slot of a cluster that another node takes."""

import pytest

from tests.live.relays import Make, hearing, ring, ring_until, wait_until
from tests.redis.servers import Cluster, Watched, clusters, watched

cluster = pytest.fixture(clusters)
watched_redis = pytest.fixture(watched)


def test_bells_pass_through_a_cluster(cluster: Cluster, make: Make) -> None:
    sender, ears = make(cluster.url), [hearing(make(cluster.url)), hearing(make(cluster.url))]

    ring(sender, 1, 2, 3)

    for ear in ears:
        ear.wait_for(3)
    assert [ear.seqs for ear in ears] == [[1, 2, 3]] * 2
    assert [bell.seq for bell in make(cluster.url).history()] == [1, 2, 3]


def test_a_slot_that_moves_loses_no_bell(cluster: Cluster, make: Make) -> None:
    sender, ear = make(cluster.url), hearing(make(cluster.url))
    ring(sender, 1, 2)
    ear.wait_for(2)

    cluster.move("pnl:{k3f9x2}:live")
    ring(sender, 3, 4)
    ear.wait_for(4)

    assert ear.seqs == [1, 2, 3, 4]
    assert sender.state() == "ok"


def test_a_node_that_dies_is_an_outage_until_another_has_its_slot(cluster: Cluster, make: Make) -> None:
    sender, ear = make(cluster.url), hearing(make(cluster.url))
    ring(sender, 1)
    ear.wait_for(1)
    holder = cluster.holder("pnl:{k3f9x2}:live")

    holder.kill()
    ear.wait(lambda: ear.outages == 1)
    cluster.give("pnl:{k3f9x2}:live", next(node for node in cluster.nodes if node is not holder))
    ring_until(sender, ear, 2)

    wait_until(lambda: sender.state() == "ok")


def test_after_a_failover_bells_pass_through_the_new_master(watched_redis: Watched, make: Make) -> None:
    sender, ear = make(watched_redis.url), hearing(make(watched_redis.url))
    ring(sender, 1)
    ear.wait_for(1)

    watched_redis.fail_over()
    heard = ring_until(sender, ear, 2)

    assert heard >= 2
    wait_until(lambda: sender.state() == "ok")


def test_after_a_hand_over_bells_pass_through_the_new_master(watched_redis: Watched, make: Make) -> None:
    sender, ear = make(watched_redis.url), hearing(make(watched_redis.url))
    ring(sender, 1)
    ear.wait_for(1)

    watched_redis.hand_over()
    heard = ring_until(sender, ear, 2)

    assert heard >= 2
    wait_until(lambda: sender.state() == "ok")
