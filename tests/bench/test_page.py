"""The page keeps one run of the live servers, between two markers."""

import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from bench.live import page

DAY = date(2026, 11, 30)
RUN = "python -m bench.live --write"
TABLE = "100 clients\n\n| server | done |\n|---|---|\n| floor | 0.9 |"


def page_of(folder: Path, *lines: str) -> Path:
    made = folder / "benchmarks.md"
    made.write_text("\n".join([*lines, ""]), encoding="utf-8")
    return made


def test_a_run_takes_the_place_of_the_last_and_of_nothing_else(tmp_path: Path) -> None:
    kept = page_of(tmp_path, "# Före", "", page.BEGIN, "old", "", "older", page.END, "", "Efter", "| a table |")

    page.write(kept, RUN, DAY, [TABLE, TABLE.replace("100", "1,000")])

    assert kept.read_text(encoding="utf-8") == (
        f"# Före\n\n{page.BEGIN}\n`{RUN}`, 30 November 2026:\n\n{TABLE}\n\n{TABLE.replace('100', '1,000')}\n"
        f"{page.END}\n\nEfter\n| a table |\n"
    )


def test_the_same_run_written_again_changes_nothing(tmp_path: Path) -> None:
    kept = page_of(tmp_path, page.BEGIN, page.END)
    page.write(kept, RUN, DAY, [TABLE])
    first = kept.read_bytes()

    page.write(kept, RUN, DAY, [TABLE])

    assert kept.read_bytes() == first


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ((), f"the line {page.BEGIN} stands there 0 times"),
        ((page.BEGIN,), f"the line {page.END} stands there 0 times"),
        ((page.BEGIN, page.BEGIN, page.END), f"the line {page.BEGIN} stands there 2 times"),
        ((f"Text around {page.BEGIN}", page.END), f"the line {page.BEGIN} stands there 0 times"),
        ((page.END, page.BEGIN), f"{page.END} stands above {page.BEGIN}"),
    ],
    ids=["neither", "no end", "two begins", "not on a line of its own", "turned round"],
)
def test_a_page_without_its_markers_is_left_as_it_is(tmp_path: Path, lines: tuple[str, ...], said: str) -> None:
    kept = page_of(tmp_path, "# Live", *lines)
    before = kept.read_bytes()

    with pytest.raises(SystemExit, match=re.escape(f"{kept}: {said}")):
        page.check(kept)
    with pytest.raises(SystemExit, match=re.escape(f"{kept}: {said}")):
        page.write(kept, RUN, DAY, [TABLE])

    assert kept.read_bytes() == before


def test_a_page_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"nowhere\.md: there is no such page"):
        page.check(tmp_path / "nowhere.md")


def test_the_page_of_the_benchmarks_has_a_place_for_a_run() -> None:
    page.check(page.BENCHMARKS)


@pytest.mark.parametrize(
    "more", [("--url", "ws://127.0.0.1:1/"), ("--beside", "http://127.0.0.1:1"), ("--header", "A: b")]
)
def test_what_is_no_run_of_the_servers_is_not_written(more: tuple[str, str]) -> None:
    before = page.BENCHMARKS.read_bytes()

    done = subprocess.run(
        [sys.executable, "-m", "bench.live", "--write", *more],
        cwd=page.BENCHMARKS.parents[1],
        capture_output=True,
        check=False,
        text=True,
        timeout=60,
    )

    assert done.returncode == 2
    assert "not with --url, --beside or --header" in done.stderr
    assert page.BENCHMARKS.read_bytes() == before
