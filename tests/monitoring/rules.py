"""The rules as they are shipped, one by one, and promtool's word on them."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.monitoring.cases import EVERY, Case, Key

MONITORING = Path(__file__).parents[2] / "deploy" / "monitoring"
Rule = dict[str, Any]


def alerts() -> dict[Key, Rule]:
    """Return the alerts by name and severity."""
    groups = yaml.safe_load((MONITORING / "rules" / "alerts.yml").read_text(encoding="utf-8"))["groups"]
    return {(rule["alert"], rule["labels"]["severity"]): rule for group in groups for rule in group["rules"]}


def recorded() -> dict[str, str]:
    """Return the expressions of what is recorded, by name."""
    groups = yaml.safe_load((MONITORING / "rules" / "recording.yml").read_text(encoding="utf-8"))["groups"]
    return {rule["record"]: rule["expr"] for group in groups for rule in group["rules"]}


def program(name: str, *more: str) -> str:
    """Return where a program is.

    Raises:
        RuntimeError: It is missing, which is an error and no reason to leave a test out.
    """
    found = next((path for one in (name, *more) if (path := shutil.which(one))), None)
    if found is None:
        raise RuntimeError(f"{name} is not installed: run scripts/system-packages, which installs what the tests drive")
    return found


def tried(folder: Path, tests: Mapping[str, tuple[Rule, list[Case], int]]) -> dict[str, bool]:
    """Have promtool try rules, each in a file of its own.

    Args:
        folder: For the files.
        tests: By a name, a rule, its cases, and the seconds between scrapes.

    Returns:
        By the same name, whether all of its cases came out.
    """
    files: list[str] = []
    for name, (rule, cases, every) in tests.items():
        _write(folder / f"{name}.rules.yml", {"groups": [{"name": "one", "rules": [rule]}]})
        found = {
            "rule_files": [f"{name}.rules.yml"],
            "evaluation_interval": f"{every}s",
            "tests": [_test(rule, case, every) for case in cases],
        }
        _write(folder / f"{name}.yml", found)
        files.append(f"{name}.yml")
    command = [program("promtool"), "test", "rules", *files]
    said = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    verdicts = re.findall(r"Unit Testing: +(\S+)\.yml\n +(SUCCESS|FAILED)", said.stdout + said.stderr)
    if len(verdicts) != len(files):  # what fails is told on the one stream, what does not on the other
        return {name: _alone(folder, name) for name in tests}
    return {name: verdict == "SUCCESS" for name, verdict in verdicts}


def _alone(folder: Path, name: str) -> bool:
    command = [program("promtool"), "test", "rules", f"{name}.yml"]
    return subprocess.run(command, cwd=folder, capture_output=True, timeout=60, check=False).returncode == 0


def _write(path: Path, content: object) -> None:
    path.write_text(json.dumps(content), encoding="utf-8")  # which is YAML, too


def _test(rule: Rule, case: Case, every: int) -> Rule:
    severity = rule["labels"]["severity"]
    asked = f'count(ALERTS{{alertname="{rule["alert"]}",severity="{severity}",alertstate="firing"}}) or vector(0)'
    looks = [(case.at, case.fires)] + ([] if case.before is None else [(case.before, 0)])
    return {
        "interval": f"{every}s",
        "input_series": [{"series": name, "values": values} for name, values in case.series.items()],
        "promql_expr_test": [
            {"expr": asked, "eval_time": f"{at}s", "exp_samples": [{"labels": "{}", "value": value}]}
            for at, value in looks
        ],
    }


_NUMBER = re.compile(r"(?<![\w:.\"\[~])\d+(?:\.\d+)?(?:e\d+)?(?![\w:.\"\]])")
_WORDS = {" > ": " < ", " < ": " > ", " == ": " != ", " != ": " == ", " and ": " or ", " or ": " and "}


def mutants(rule: Rule) -> Iterator[tuple[str, Rule]]:
    """Give a rule with one thing in it wrong, again and again, each with what that is."""
    text = rule["expr"]
    for found in _NUMBER.finditer(text):
        value = float(found.group())
        other = value + 1 if value in (0, 1) else value * 1.3 if found.start() % 2 else value / 1.3
        changed = f"{text[: found.start()]}{other:g}{text[found.end() :]}"
        yield f"{found.group()} at {found.start()} is {other:g}", {**rule, "expr": changed}
    for found in re.finditer("|".join(_WORDS), text):
        changed = f"{text[: found.start()]}{_WORDS[found.group()]}{text[found.end() :]}"
        yield (
            f"{found.group().strip()} at {found.start()} is{_WORDS[found.group()].rstrip()}",
            {**rule, "expr": changed},
        )
    if "for" in rule:
        seconds = int(rule["for"][:-1]) * (60 if rule["for"].endswith("m") else 1)
        for other in (seconds * 2, seconds // 2):
            yield f"for is {other} s", {**rule, "for": f"{other}s"}


def cases_of(keys: Iterable[Key], cases: Mapping[Key, list[Case]]) -> dict[str, tuple[Rule, list[Case], int]]:
    """Return what is tried of alerts, by a name that a file may have."""
    rules = alerts()
    return {"-".join(key): (rules[key], cases[key], EVERY.get(key, 15)) for key in keys}
