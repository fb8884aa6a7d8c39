"""Two nodes whose PostgreSQL is away: what a balancer asks sends people to either, which shows the last figures."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from tests.product.process import TOP, Process
from tests.product.readers import until
from tests.services import PostgresServer


def balancer_asks() -> set[str]:
    """Return the addresses that the guide's balancer and Kubernetes' service ask whether to send people to a node."""
    guide = (TOP / "docs" / "how-to" / "run-two-nodes.md").read_text(encoding="utf-8")
    (caddy,) = re.findall(r"health_uri (\S+)", guide)
    pod = yaml.safe_load((TOP / "deploy" / "kubernetes" / "base" / "deployment.yaml").read_text(encoding="utf-8"))
    (app,) = pod["spec"]["template"]["spec"]["containers"]
    return {caddy, app["readinessProbe"]["httpGet"]["path"]}


@pytest.fixture
def nodes(tmp_path: Path, own_postgres: PostgresServer, redis_url: str) -> Iterator[tuple[Process, ...]]:
    """Give two nodes with figures."""
    shared = {"PNL_DATABASE_URL": own_postgres.url(own_postgres.create()), "PNL_REDIS_URL": redis_url}
    with ExitStack() as started:
        found = []
        for name in ("one", "two"):
            found.append(Process(tmp_path / name, **shared))
            started.callback(found[-1].end)
            found[-1].until(lambda snapshot: snapshot["complete"])
        yield tuple(found)


def test_people_are_sent_to_nodes_without_their_database_and_see_the_last_figures_with_their_age(
    nodes: tuple[Process, ...], own_postgres: PostgresServer
) -> None:
    asks = balancer_asks()
    before = [node.current()["seq"] for node in nodes]

    own_postgres.kill()
    until(lambda: all(node.get("/readyz").status_code == 503 for node in nodes))

    for node, seq in zip(nodes, before, strict=True):
        assert {path: node.get(path).status_code for path in asks} == dict.fromkeys(asks, 200)
        answer = node.get("/api/pnl/current")
        assert answer.status_code == 200
        assert answer.json()["seq"] >= seq
        assert datetime.fromisoformat(answer.json()["as_of"]) < datetime.now(UTC)
        assert node.get("/").status_code == 200

    own_postgres.start()
    last = max(node.current()["seq"] for node in nodes)
    for node in nodes:
        node.until(lambda snapshot: snapshot["seq"] > last)
    until(lambda: all(node.get("/readyz").status_code == 200 for node in nodes))
