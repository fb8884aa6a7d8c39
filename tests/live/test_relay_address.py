"""The relay with an address or a password that is wrong."""

from pathlib import Path

import pytest
import structlog

from pnl.clock import SystemClock
from pnl.errors import ConfigError
from pnl.live.relay import Relay
from tests.live.relays import Make, hearing, ring, wait_until
from tests.services import RedisServer


def test_an_address_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"^PNL_REDIS_URL=redis://…@localhost/first: give "):
        Relay("redis://:hunter2@localhost/first", stream="k3f9x2", clock=SystemClock())


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
