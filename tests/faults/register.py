"""What `docs/faults.md` says of each fault: `python -m tests.faults.register` prints the tests that it names.

Those of `tests/faults` and `tests/backups`, which `make test-faults` runs whole, are left out.
"""

import re
from dataclasses import dataclass
from pathlib import Path

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
    number, _, _, proved, result = [cell.strip() for cell in line.strip("|\n").split(" | ")]
    found: list[str] = []
    file = ""
    for name in _NAMED.findall(proved):
        if name.startswith("…"):
            name = file + name[1:]  # noqa: PLW2901 - `…::test` is of the file that was named before
        if name.startswith("tests/"):
            file = name.partition("::")[0]
            found.append(name)
    return Row(int(number.strip("| ")), tuple(found), result.strip("| "))


def main() -> None:
    """Print the tests that are named, each once."""
    named = {test for row in rows() for test in row.tests if not test.startswith(WHOLE) and ".js" not in test}
    files = {test for test in named if "::" not in test}
    say(" ".join(sorted(files | {test for test in named if test.partition("::")[0] not in files})))


if __name__ == "__main__":
    main()
