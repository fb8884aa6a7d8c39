"""The page that keeps the tables: between its two markers stands one run, with its command and its day."""

from datetime import date
from pathlib import Path
from typing import Final

from bench.live.workshop import ROOT

BENCHMARKS: Final = ROOT / "docs" / "benchmarks.md"
BEGIN: Final = "<!-- bench.live --write: begin -->"
END: Final = "<!-- bench.live --write: end -->"


def check(page: Path) -> None:
    """Make sure that a run can be kept there: before it is made, for it takes an hour.

    Raises:
        SystemExit: It cannot.
    """
    _around(page)


def write(page: Path, command: str, day: date, tables: list[str]) -> None:
    """Put a run where the last one stood; the rest of the page stays as it is.

    Args:
        page: In markdown, with both markers, each on a line of its own.
        command: That made the run.
        day: On which it ended.
        tables: As they were printed.

    Raises:
        SystemExit: The page has not the markers.
    """
    before, after = _around(page)
    run = "\n\n".join([f"`{command}`, {day.day} {day:%B %Y}:", *tables])
    page.write_text(f"{before}{BEGIN}\n{run}\n{END}\n{after}", encoding="utf-8")


def _around(page: Path) -> tuple[str, str]:
    """Return what stands before the line of the first marker, and after that of the second."""
    if not page.is_file():
        raise SystemExit(f"{page}: there is no such page to write the tables to")
    lines = page.read_text(encoding="utf-8").splitlines(keepends=True)
    found: list[int] = []
    for marker in (BEGIN, END):
        places = [number for number, line in enumerate(lines) if line.strip() == marker]
        if len(places) != 1:
            raise SystemExit(
                f"{page}: the line {marker} stands there {len(places)} times; it must stand there once, "
                f"for the tables go between {BEGIN} and {END}"
            )
        found += places
    begin, end = found
    if end < begin:
        raise SystemExit(f"{page}: {END} stands above {BEGIN}; the tables go between them, so put it beneath")
    return "".join(lines[:begin]), "".join(lines[end + 1 :])
