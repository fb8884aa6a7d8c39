"""The alert rules, each on both sides of its threshold; and that these tests would notice if a rule were wrong."""

import subprocess
from pathlib import Path

from tests.monitoring.cases import CASES, EQUIVALENT, EVERY
from tests.monitoring.promql import metrics_in
from tests.monitoring.rules import MONITORING, alerts, cases_of, mutants, program, recorded, tried
from tests.monitoring.there import is_there


def test_prometheus_takes_the_rules() -> None:
    files = sorted(str(path) for path in (MONITORING / "rules").glob("*.yml"))

    said = subprocess.run([program("promtool"), "check", "rules", *files], capture_output=True, text=True, check=False)

    assert said.returncode == 0, said.stderr


def test_every_alert_has_cases_and_every_case_an_alert() -> None:
    assert CASES.keys() == alerts().keys()


def test_every_alert_fires_when_it_should_and_only_then(tmp_path: Path) -> None:
    found = tried(tmp_path, cases_of(CASES, CASES))

    assert [name for name, well in found.items() if not well] == []


def test_a_rule_that_is_wrong_in_one_place_is_noticed(tmp_path: Path) -> None:
    wrong = {
        f"{'-'.join(key)}-{number}": (key, what, rule)
        for key in CASES
        for number, (what, rule) in enumerate(mutants(alerts()[key]))
        if not any(key[0] == name and what.startswith(place) for name, place in EQUIVALENT)
    }
    assert len(wrong) > 150

    tests = {name: (rule, CASES[key], EVERY.get(key, 15)) for name, (key, _, rule) in wrong.items()}
    found = tried(tmp_path, tests)

    assert [(*wrong[name][0], wrong[name][1]) for name, well in found.items() if well] == []


def test_the_rules_name_only_metrics_that_there_are() -> None:
    named = {
        name
        for text in [*recorded().values(), *(rule["expr"] for rule in alerts().values())]
        for name in metrics_in(text)
    }

    assert {name for name in named if not is_there(name, recorded())} == set()


def test_every_alert_has_a_section_in_the_runbook() -> None:
    page = (MONITORING.parents[1] / "docs" / "how-to" / "monitor.md").read_text(encoding="utf-8")

    for name, _ in alerts():
        assert f"### {name}\n" in page, name
    for rule in alerts().values():
        assert rule["annotations"]["runbook"] == f"docs/how-to/monitor.md#{rule['alert'].lower()}"
