"""Alerts of the whole product, as a process with a real receiver: once each, over kills and changes of the leader."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.alerts.ear import KEY, SECRET, Ear, assert_pagerduty_takes, assert_signed, ear
from tests.product.process import Process

__all__ = ["ear"]

Start = Callable[..., Process]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start processes on one folder, with the file of alerts."""
    started: list[Process] = []

    def begin(**settings: str) -> Process:
        given = {"PNL_ALERTS_FILE": str(tmp_path / "alerts.toml")} | settings
        started.append(Process(tmp_path / "data", **given))
        return started[-1]

    yield begin
    for process in started:
        process.end()


@pytest.fixture
def write(tmp_path: Path, ear: Ear) -> Callable[..., None]:
    """Write the file, with the limit of its one rule: a net above it fires."""

    def written(limit: str, name: str = "Net") -> None:
        (tmp_path / "alerts.toml").write_text(
            f"""
[receiver.pager]
kind = "pagerduty"
routing_key = "{KEY}"
base_url = "{ear.url}"

[receiver.hook]
kind = "webhook"
url = "{ear.url}/hook"
secret = "{SECRET}"

[[rule]]
name = "{name}"
figure = "net"
when = "above"
amount = "{limit}"
severity = "critical"
receivers = ["pager", "hook"]
"""
        )

    return written


def firing(snapshot: dict[str, Any]) -> int:
    found: int = snapshot.get("alerts", {}).get("firing", 0)
    return found


def actions(ear: Ear, path: str) -> list[str]:
    return [body.get("event_action") or body["action"] for where, body, _ in ear.heard if where == path]


def both(ear: Ear, *wanted: str) -> bool:
    return actions(ear, "/hook") == actions(ear, "/v2/enqueue") == list(wanted)


def noted(process: Process) -> bool:
    """Tell whether it is noted of every message that it has arrived."""
    receivers = process.get("/api/pnl/alerts").json()["receivers"]
    return all(one["sent_at"] and not one["waiting"] for one in receivers)


def test_what_fires_is_told_once_and_its_end_once_also_over_a_kill(
    start: Start, write: Callable[..., None], ear: Ear
) -> None:
    write("-1000000000")
    process = start()
    shown = process.until(lambda snapshot: firing(snapshot) == 1)
    ear.until(lambda: both(ear, "trigger"))
    assert shown["alerts"]["worst"][0]["name"] == "Net"
    process.until(lambda _: noted(process))

    process.kill()
    process.again()
    seq = shown["seq"]
    process.until(lambda snapshot: snapshot["seq"] > seq + 3 and firing(snapshot) == 1)
    write("1000000000")
    process.until(lambda snapshot: firing(snapshot) == 0)
    ear.until(lambda: both(ear, "trigger", "resolve"))

    assert process.stop() == 0
    assert both(ear, "trigger", "resolve")
    for (_, body, headers), raw in zip(ear.heard, ear.raw, strict=True):
        if "event_action" in body:
            assert_pagerduty_takes(body)
        else:
            assert_signed(raw, headers)
            assert body["demo"] is True
    assert len({body["dedup_key"] for body in ear.bodies() if "dedup_key" in body}) == 1


def test_who_gives_a_rule_that_fires_another_name_tells_nobody_anything(
    start: Start, write: Callable[..., None], ear: Ear
) -> None:
    write("-1000000000")
    process = start()
    process.until(lambda snapshot: firing(snapshot) == 1)
    ear.until(lambda: both(ear, "trigger"))

    write("-1000000000", name="Net of all")
    process.until(lambda snapshot: snapshot["alerts"]["worst"][0]["name"] == "Net of all")
    write("1000000000", name="Net of all")
    process.until(lambda snapshot: firing(snapshot) == 0)

    ear.until(lambda: both(ear, "trigger", "resolve"))
    assert len({body["dedup_key"] for body in ear.bodies() if "dedup_key" in body}) == 1
    assert process.stop() == 0


def test_a_change_of_the_leader_repeats_nothing_and_pages_of_another_process_tell_it(
    start: Start, write: Callable[..., None], ear: Ear, redis_url: str
) -> None:
    write("-1000000000")
    first = start(PNL_REDIS_URL=redis_url)
    first.until(lambda snapshot: firing(snapshot) == 1)
    ear.until(lambda: both(ear, "trigger"))
    first.until(lambda _: noted(first))
    second = start(PNL_REDIS_URL=redis_url)
    seen = second.until(lambda snapshot: firing(snapshot) == 1)
    (rule,) = second.get("/api/pnl/alerts").json()["rules"]
    assert (rule["state"], rule["origin"]) == ("firing", "file")

    first.kill()
    second.until(lambda snapshot: snapshot["seq"] > seen["seq"] + 3 and firing(snapshot) == 1)
    write("1000000000")
    second.until(lambda snapshot: firing(snapshot) == 0)

    ear.until(lambda: both(ear, "trigger", "resolve"))
    events = second.get("/api/pnl/alerts/events").json()["events"]
    assert [one["action"] for one in events] == ["resolved", "fired"]


def test_a_receiver_that_hangs_delays_no_tick_and_a_bad_file_keeps_the_rules(
    start: Start, write: Callable[..., None], ear: Ear, tmp_path: Path
) -> None:
    ear.replies.extend(["hang"] * 4)
    write("-1000000000")
    process = start()
    shown = process.until(lambda snapshot: firing(snapshot) == 1)
    ear.until(lambda: len(ear.heard) == 2)

    process.until(lambda snapshot: snapshot["seq"] >= shown["seq"] + 5)
    (tmp_path / "alerts.toml").write_text("[[rule]]\nname = 'Net'\nfigure = 'nett'\n")

    def trouble(_: dict[str, Any]) -> bool:
        said = process.get("/api/pnl/alerts").json()["file"]["trouble"]
        return "line 1, rule 1 'Net': figure 'nett' is not one of net" in (said or "")

    process.until(trouble)
    assert firing(process.current()) == 1
