"""The address of Redis: what is refused, without a word of the password, and what Redis itself refuses."""

from pathlib import Path

import pytest
import structlog

from pnl.clock import SystemClock
from pnl.errors import ConfigError
from pnl.live.redis_client import redis_client
from pnl.live.relay import Relay
from tests.live.relays import Make, hearing, ring, wait_until
from tests.services import RedisServer


@pytest.mark.parametrize(
    "url",
    [
        "",
        "localhost:6379",
        "http://:hunter2@localhost",
        "redis://",
        "redis://:hunter2@:6379",
        "redis://:hunter2@localhost:65536",
        "redis://:hunter2@localhost:0",
        "redis://:hunter2@localhost:many",
        "redis://:hunter2@localhost/first",
        "redis://:hunter2#@localhost/0",
        "redis://:hunter2/@localhost/0",
        "redis://:hunter2?x=1@localhost/0",
        "redis://:hunter2?hunter2=1@localhost/0",
        "redis://user:12?hunter2=1@localhost/0",
        "redis://:hunter2@[::1/0",
        "redis://:hunter2@localhost/0\n",
        "redis://:hunter2@localhost/0?socket_timeout=60",
        "redis://:hunter2@localhost/0?db=first",
        "redis://:hunter2@localhost/0?ssl_cert_reqs=none",
        "rediss://:hunter2@localhost/0?ssl_cert_reqs=hunter2",
        "unix://?password=hunter2",
        "unix://tmp/redis?password=hunter2",
    ],
)
def test_an_address_that_makes_no_sense_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(ConfigError, match=r"^PNL_REDIS_URL: ") as refusal:
        Relay(url, stream="k3f9x2", clock=SystemClock())

    assert "hunter2" not in str(refusal.value)
    assert refusal.value.__cause__ is None


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("redis://localhost", {"host": "localhost"}),
        ("redis://u%40b:p%2Fw@10.0.0.1:6380/3", {"username": "u@b", "password": "p/w", "port": 6380, "db": 3}),
        ("redis://[::1]:6379/", {"host": "::1", "port": 6379}),
        ("rediss://:pw@cache.example.com:6379/0", {"host": "cache.example.com", "password": "pw"}),
        ("unix:///run/redis.sock?db=2&password=pw", {"path": "/run/redis.sock", "db": 2, "password": "pw"}),
    ],
)
def test_an_address_says_where_redis_is(url: str, expected: dict[str, object]) -> None:
    with redis_client(url) as client:
        kwargs = client.get_connection_kwargs()

    assert {name: kwargs[name] for name in expected} == expected
    assert (kwargs["socket_timeout"], kwargs["socket_connect_timeout"]) == (0.25, 0.25)


def test_a_wrong_password_is_an_outage_that_ends_when_it_is_right(own_redis: RedisServer, make: Make) -> None:
    relay = make(own_redis.url.replace("redis://", "redis://:hunter2@"))
    with own_redis.client() as client, structlog.testing.capture_logs() as logs:
        client.config_set("requirepass", "hunter3")
        ear = hearing(relay)
        ear.wait(lambda: ear.outages == 1)

        client.config_set("requirepass", "hunter2")
        ring(relay, 1)
        ear.wait_for(1)
        wait_until(lambda: relay.state() == "ok")

    assert "hunter" not in str(logs)


def test_a_socket_that_is_not_there_is_an_outage(tmp_path: Path, make: Make) -> None:
    ear = hearing(make(f"unix://{tmp_path}/none"))

    ear.wait(lambda: ear.outages == 1)
