"""The product as a process at which people sign in."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.live.wire import Wire
from tests.product.process import PATIENCE_SECONDS, TOP, Process
from tests.redis.servers import wait_until

PASSWORD = "a stranger's umbrella"


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Callable[..., Process]]:
    started: list[Process] = []

    def start(**settings: str) -> Process:
        started.append(Process(tmp_path / "data", PNL_AUTH="password", **settings))
        return started[-1]

    yield start
    for process in started:
        process.end()


def add_user(process: Process, name: str, role: str) -> None:
    command = [sys.executable, "-m", "pnl", "users", "add", name, "--role", role]
    environment = process.environment | {"PYTHONPATH": str(TOP)}
    subprocess.run(command, input=PASSWORD, text=True, env=environment, cwd=TOP, check=True, timeout=60)


def test_without_a_user_the_start_is_refused_with_the_command_that_makes_one(begin: Callable[..., Process]) -> None:
    process = begin()

    assert process.process.wait(PATIENCE_SECONDS) != 0
    assert "make the first with `python -m pnl users add NAME --role editor`" in process.said()
    assert "Traceback" not in process.said()


def test_who_signs_in_sees_the_figures_until_the_sign_out_closes_the_socket_too(begin: Callable[..., Process]) -> None:
    process = begin(PNL_HOST="0.0.0.0")
    process.process.wait(PATIENCE_SECONDS)
    add_user(process, "ann", "viewer")
    process.again()
    base = f"http://127.0.0.1:{process.port}"

    def serves() -> bool:
        assert process.process.poll() is None, process.said()
        try:
            return httpx.get(f"{base}/healthz").status_code == 200
        except httpx.TransportError:
            return False

    wait_until(serves)
    assert httpx.get(f"{base}/api/pnl/current").status_code == 401
    assert httpx.get(f"{base}/").headers["Location"] == "/signin?next=%2F"
    with Wire(process.port) as refused:
        assert refused.status == 401
    with httpx.Client(base_url=base, headers={"Origin": base}) as browser:
        form = {"name": "ann", "password": PASSWORD}
        assert browser.post("/signin", data=form).status_code == 303
        wait_until(lambda: browser.get("/api/pnl/current").status_code == 200)
        assert browser.post("/api/pnl/entries", json={}).status_code == 403
        cookie = f"Cookie: pnl={browser.cookies['pnl']}\r\nOrigin: {base}\r\n"
        with Wire(process.port, more=cookie) as wire:
            assert wire.status == 101
            assert wire.message()["t"] == "snapshot"

            assert browser.post("/signout").status_code == 303

            message = wire.message()
            while message["t"] != "bye":
                message = wire.message()
            assert message["reason"] == "not allowed"
            assert wire.ended() == 4401
    assert PASSWORD not in process.said()
