"""The dashboard as it is shipped: made by its program, of the types that Grafana has, asking for what there is."""

import json
import runpy
import subprocess
import sys
from collections.abc import Iterator
from functools import reduce
from pathlib import Path
from typing import Any

import pytest
import yaml
from grafana_foundation_sdk.models.dashboard import Dashboard

from tests.monitoring.grafana_types import misfits
from tests.monitoring.promql import metrics_in
from tests.monitoring.rules import MONITORING, program, recorded
from tests.monitoring.there import is_there

FILE = MONITORING / "grafana" / "northstar.json"


@pytest.fixture(scope="module")
def board() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def expressions(board: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for panel in board["panels"]:
        for target in panel.get("targets", ()):
            expr = target["expr"].replace("$__rate_interval", "1m").replace("$job", "pnl")
            yield panel["title"], expr


def test_the_file_is_what_the_program_makes() -> None:
    made = runpy.run_path(str(MONITORING / "dashboard.py"))["made"]()

    assert FILE.read_text(encoding="utf-8") == made, f"run {sys.executable} deploy/monitoring/dashboard.py"


def test_it_is_of_grafanas_types(board: dict[str, Any]) -> None:
    read = Dashboard.from_json(board)

    assert read.uid == "northstar-pnl"
    assert len(read.panels or ()) > 25


def test_every_value_in_it_is_of_the_type_that_the_schema_declares(board: dict[str, Any]) -> None:
    assert misfits(board) == []


@pytest.mark.parametrize(
    ("place", "wrong", "told"),
    [
        (("title",), 7, "dashboard.title is 7, no str"),
        (("graphTooltip",), 9, "dashboard.graph_tooltip is 9, no DashboardCursorSync"),
        (("panels", 1, "gridPos", "w"), "8", "dashboard.panels[1].grid_pos.w is '8', no int"),
        (("panels", 1, "targets", 0, "expr"), None, "dashboard.panels[1].targets[0].expr is None, no str"),
        (("panels", 1, "fieldConfig", "defaults", "unit"), True, ".unit is True, no str"),
        (("panels", 1, "fieldConfig", "defaults", "thresholds", "mode"), "relative", "no ThresholdsMode"),
        (("panels", 1, "options", "colorMode"), "rainbow", "no BigValueColorMode"),
        (("panels", 1, "heigth"), 8, "dashboard.panels[1] has no heigth"),
    ],
)
def test_a_value_of_another_type_is_noticed(
    board: dict[str, Any], place: tuple[Any, ...], wrong: object, told: str
) -> None:
    changed = json.loads(json.dumps(board))
    *way, last = place
    reduce(lambda at, step: at[step], way, changed)[last] = wrong

    found = misfits(changed)

    assert len(found) == 1
    assert told in found[0]


def test_every_question_is_promql_about_a_metric_that_there_is(board: dict[str, Any]) -> None:
    asked = list(expressions(board))
    assert len(asked) > 25

    unknown = {(title, name) for title, expr in asked for name in metrics_in(expr) if not is_there(name, recorded())}

    assert unknown == set()


def test_a_question_with_a_mistake_in_it_is_found() -> None:
    with pytest.raises(ValueError, match=r"unclosed|unexpected|expected"):
        metrics_in("sum by (job) (rate(pnl_tick_total[5m])")


def test_panels_lie_beside_and_below_each_other(board: dict[str, Any]) -> None:
    places = [panel["gridPos"] for panel in board["panels"]]
    cells = [
        (x, y)
        for place in places
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]

    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24


def test_it_is_provisioned_with_the_data_source_that_it_asks() -> None:
    folder = MONITORING / "grafana" / "provisioning"
    source = yaml.safe_load((folder / "datasources" / "northstar.yml").read_text(encoding="utf-8"))["datasources"][0]
    provider = yaml.safe_load((folder / "dashboards" / "northstar.yml").read_text(encoding="utf-8"))["providers"][0]

    assert f'"uid": "{source["uid"]}"' in FILE.read_text(encoding="utf-8")
    assert provider["allowUiUpdates"] is False


def test_alertmanager_takes_its_file_and_sends_each_severity_its_way() -> None:
    file = str(MONITORING / "alertmanager.yml")
    subprocess.run([program("amtool"), "check-config", file], check=True, capture_output=True)

    for alert, severity, receiver in (
        ("PnlDown", "critical", "pagerduty-critical"),
        ("PnlDisk", "warning", "pagerduty-warning"),
        ("PnlWatchdog", "none", "dead-man"),
    ):
        command = [program("amtool"), "config", "routes", "test", f"--config.file={file}"]
        more = [f"--verify.receivers={receiver}", f"alertname={alert}", f"severity={severity}"]
        said = subprocess.run([*command, *more], capture_output=True, text=True, check=False)
        assert said.returncode == 0, said.stdout + said.stderr


def test_a_key_that_is_misspelled_is_refused(tmp_path: Path) -> None:
    text = (MONITORING / "alertmanager.yml").read_text(encoding="utf-8")
    wrong = tmp_path / "alertmanager.yml"
    wrong.write_text(text.replace("routing_key_file", "routing_keys_file"), encoding="utf-8")

    said = subprocess.run([program("amtool"), "check-config", str(wrong)], capture_output=True, check=False)

    assert said.returncode != 0


def test_prometheus_takes_its_file(tmp_path: Path) -> None:
    copy = tmp_path / "prometheus.yml"
    copy.write_text((MONITORING / "prometheus.yml").read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "rules").symlink_to(MONITORING / "rules")
    (tmp_path / "metrics-token").write_text("pnl_token", encoding="utf-8")

    said = subprocess.run(
        [program("promtool"), "check", "config", str(copy)], capture_output=True, text=True, check=False
    )

    assert said.returncode == 0, said.stderr
