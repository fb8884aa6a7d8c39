"""The product as its user starts it: a process that is started, killed, started again and stopped."""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.product.process import Process
from tests.secrets.vault import VaultServer

NOT_BY_ITSELF, LATER = 2, 4
"""How a start ends that a person must mend, and one that may go well later: the unit of systemd tries that again."""


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Process]]:
    started: list[Process] = []

    def begin(folder: str = "data", **settings: str) -> Process:
        started.append(Process(tmp_path / folder, **settings))
        return started[-1]

    yield begin
    for process in started:
        process.end()


def test_a_kill_loses_no_snapshot_that_was_shown_and_no_record(start: Callable[..., Process]) -> None:
    first = start()
    first.until(lambda snapshot: snapshot["complete"] and snapshot["seq"] >= 3)
    shown = first.current()
    fills = first.get("/api/pnl/records?kind=fills&limit=1000").json()["records"]
    first.kill()

    second = start()
    later = second.until(lambda snapshot: snapshot["seq"] > shown["seq"] + 1 and snapshot["complete"])

    kept = second.exported()
    assert set(kept) >= set(range(1, later["seq"] + 1))
    assert kept[shown["seq"]]["net_usd"] == shown["net"]
    assert {fill["id"] for fill in fills} <= {
        fill["id"] for fill in second.get("/api/pnl/records?kind=fills&limit=1000").json()["records"]
    }
    assert later["checks"]["failed"] == 0
    assert second.stop() == 0


@pytest.mark.parametrize("end", ["kill", "stop"])
def test_a_reader_of_a_process_that_ended_is_told_every_tick_that_it_missed(
    start: Callable[..., Process], end: str
) -> None:
    first = start()
    held = first.until(lambda snapshot: snapshot["complete"])
    stream = first.get("/api/pnl/deltas").json()["messages"][0]["stream"]
    first.until(lambda snapshot: snapshot["seq"] >= held["seq"] + 3)
    getattr(first, end)()

    second = start()
    second.until(lambda snapshot: snapshot["seq"] >= held["seq"] + 5)

    missed = second.get(f"/api/pnl/deltas?after={held['seq']}&stream={stream}").json()["messages"]
    assert [(one["t"], one["base"], one["seq"]) for one in missed] == [
        ("delta", seq - 1, seq) for seq in range(held["seq"] + 1, missed[-1]["seq"] + 1)
    ]
    assert len(missed) >= 5


def test_a_stop_is_clean_and_a_gap_is_told(start: Callable[..., Process]) -> None:
    first = start()
    first.until(lambda snapshot: snapshot["complete"])
    assert first.stop() == 0

    second = start()

    def reasons() -> list[str]:
        return [gap["reason"] for gap in second.get("/api/pnl/history").json()["gaps"]]

    second.until(lambda _snapshot: "the product was not running" in reasons())  # its first tick tells it
    found = reasons()
    assert found.count("the product was not running") == 1
    assert set(found) <= {"the product was not running", "no tick was made in time"}  # a busy machine skips one
    assert "Traceback" not in first.said() + second.said()


def test_a_second_product_on_the_same_data_is_refused_with_the_cure(start: Callable[..., Process]) -> None:
    first = start()
    first.until(lambda snapshot: snapshot["seq"] >= 1)

    second = start()

    assert second.process.wait(60) == 4  # it may have ended by the next try
    assert "another process makes the ticks" in second.said()
    assert "PNL_DATA_DIR" in second.said()
    assert "Traceback" not in second.said()
    assert first.current()


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"PNL_INTERVAL_SECONDS": "7"}, "PNL_INTERVAL_SECONDS=7"),
        ({"PNL_INTERVALL_SECONDS": "5"}, "did you mean PNL_INTERVAL_SECONDS"),
        ({"PNL_HOST": "0.0.0.0"}, "PNL_HOST=0.0.0.0"),
        ({"PNL_KALSHI_KEY_ID": "abc"}, "PNL_KALSHI_PRIVATE_KEY"),
        ({"PNL_KALSHI_KEY_ID": "abc", "PNL_KALSHI_PRIVATE_KEY": "nonsense"}, "PNL_KALSHI_PRIVATE_KEY"),
    ],
)
def test_a_setting_that_makes_no_sense_stops_the_start_with_one_line(
    start: Callable[..., Process], settings: dict[str, str], told: str
) -> None:
    process = start(**settings)

    assert process.process.wait(60) != 0
    assert told in process.said()
    assert "Traceback" not in process.said()


def test_a_port_that_is_taken_is_told(start: Callable[..., Process]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        process = start(PNL_PORT=str(taken.getsockname()[1]))

        assert process.process.wait(60) == LATER
        assert "PNL_PORT" in process.said()


def test_a_wrong_setting_ends_the_start_for_good(start: Callable[..., Process]) -> None:
    process = start(PNL_INTERVAL_SECONDS="7")

    assert process.process.wait(60) == NOT_BY_ITSELF
    assert "PNL_INTERVAL_SECONDS=7" in process.said()


def test_a_start_on_the_sandbox_names_the_settings_that_it_leaves_aside(start: Callable[..., Process]) -> None:
    demo = start(PNL_SANDBOX="on", PNL_KALSHI_BASE_URL="https://kalshi.example", PNL_STRIPE_KEY="rk_live_aside")
    demo.ready()

    assert demo.stop() == 0
    assert "the sandbox is on: what names the sources is left aside" in demo.said()
    assert "PNL_KALSHI_BASE_URL" in demo.said()
    assert "PNL_STRIPE_KEY" in demo.said()
    assert "PNL_SANDBOX=off" in demo.said()
    assert "rk_live_aside" not in demo.said()


def test_a_database_of_other_data_ends_the_start_for_good(start: Callable[..., Process]) -> None:
    demo = start()
    demo.ready()
    assert demo.stop() == 0
    database = next(Path(demo.environment["PNL_DATA_DIR"]).glob("*.db"))

    real = start(
        PNL_SANDBOX="off", PNL_REVENUE_URL="http://127.0.0.1:9/revenue", PNL_DATABASE_URL=f"sqlite:///{database}"
    )

    assert real.process.wait(60) == NOT_BY_ITSELF
    assert "may not be mixed with it" in real.said()


def test_a_start_that_misses_a_secret_is_made_again_and_serves_once_it_is_there(
    start: Callable[..., Process], tmp_path: Path
) -> None:
    file = tmp_path / "key"
    with VaultServer() as vault:
        vault.status = 503
        vault.secrets["secret/northstar"] = {"key": "k" * 32}
        given = {"VAULT_ADDR": vault.url, "VAULT_TOKEN": vault.token, "PNL_SANDBOX": "on"}
        given |= {"PNL_SECRET_KEY": "vault://secret/northstar#key", "PNL_STRIPE_KEY_FILE": str(file)}

        process = start(**given)
        assert process.process.wait(60) == LATER
        assert f"PNL_STRIPE_KEY_FILE={file} cannot be read" in process.said()

        file.write_text("rk_live_key")
        process.again()
        assert process.process.wait(60) == LATER
        assert "which cannot be read: Vault answers HTTP 503" in process.said()

        vault.status = None
        process.again()
        process.ready()
        assert "Traceback" not in process.said()
