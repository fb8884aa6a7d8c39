"""What `docs/faults.md` says of each fault.

`python -m tests.faults.register` prints the tests that it names, but for those of `tests/faults` and `tests/backups`,
which `make test-faults` runs whole. With the file that pytest wrote of a run (`--junitxml`) it writes into the last
column what came of each row.
"""

import re
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

from pnl.cli.terminal import say

TOP = Path(__file__).parents[2]
PAGE = TOP / "docs" / "faults.md"
WHOLE = ("tests/faults", "tests/backups")
_ROW = re.compile(r"^\| (\d+) \|")
_NAMED = re.compile(r"`((?:tests/[\w/.]+)?…?(?:::\w+)?)`")


@dataclass(frozen=True)
class Row:
    """A fault: its number in the catalogue, and the tests that prove it as they are named."""

    number: int
    tests: tuple[str, ...]
    result: str


def rows() -> list[Row]:
    """Return the rows of the page, in its order."""
    return [_row(line) for line in PAGE.read_text().splitlines() if _ROW.match(line)]


def _row(line: str) -> Row:
    number, _, _, proved, result = [cell.strip() for cell in line.strip("|\n").split(" | ", 4)]
    found: list[str] = []
    file = ""
    for name in _NAMED.findall(proved):
        if name.startswith("…"):
            name = file + name[1:]  # noqa: PLW2901 - `…::test` is of the file that was named before
        if name.startswith("tests/"):
            file = name.partition("::")[0]
            found.append(name)
    return Row(int(number.strip("| ")), tuple(found), result.strip("| "))


def outcomes(report: Path) -> dict[str, list[str]]:
    """Return what came of each test of a run, by its name without parameters: `passed`, `skipped` or `failed`."""
    found: dict[str, list[str]] = {}
    for case in ElementTree.parse(report).iter("testcase"):  # noqa: S314 - our own pytest wrote it
        file = case.get("classname", "").replace(".", "/") + ".py"
        name = f"{file}::{case.get('name', '').partition('[')[0]}"
        kinds = {child.tag for child in case}
        came = "failed" if kinds & {"failure", "error"} else "skipped" if "skipped" in kinds else "passed"
        found.setdefault(name, []).append(came)
    return found


def result(row: Row, found: dict[str, list[str]], when: str) -> str:
    """Return what came of a row, in words; what it said before where the run had none of its tests."""
    mine = {name: came for name, came in found.items() if any(_is_of(name, test) for test in row.tests)}
    every = [came for each in mine.values() for came in each]
    if not every:
        return row.result
    if failed := sorted(name for name, came in mine.items() if "failed" in came):
        return f"**failed**, {when}: {', '.join(name.partition('::')[2] for name in failed)}"
    skipped = f", {every.count('skipped')} skipped" if "skipped" in every else ""
    return f"{every.count('passed')} passed{skipped}, {when}"


def _is_of(name: str, test: str) -> bool:
    return name == test or name.startswith((f"{test}::", f"{test}/"))


def record(report: Path) -> None:
    """Write into the page what came of each row in a run."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=TOP, capture_output=True, text=True, check=True
    )
    when = f"{datetime.now(UTC):%Y-%m-%d}, {commit.stdout.strip()}"
    found = outcomes(report)
    lines = PAGE.read_text().splitlines()
    for place, line in enumerate(lines):
        if _ROW.match(line):
            lines[place] = f"{line.rpartition(' | ')[0]} | {result(_row(line), found, when)} |"
    PAGE.write_text("\n".join(lines) + "\n")


def main() -> None:
    """Print the tests that are named, each once; or record what came of a run."""
    if len(sys.argv) > 1:
        record(Path(sys.argv[1]))
        return
    named = {test for row in rows() for test in row.tests if not test.startswith(WHOLE) and ".js" not in test}
    files = {test for test in named if "::" not in test}
    say(" ".join(sorted(files | {test for test in named if test.partition("::")[0] not in files})))


if __name__ == "__main__":
    main()
