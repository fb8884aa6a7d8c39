"""What pages name is there, and what they show works as far as it can be tried without a machine of its own."""

import ast
import json
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from pnl.cli import parser
from tests.docs.reference import _commands_of

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.rglob("*.md"), ROOT / "README.md", ROOT / "SECURITY.md"])
COMMANDS = {name: set(_commands_of(command)) for name, command in _commands_of(parser()).items()}
by_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def blocks(page: Path, *languages: str) -> Iterator[str]:
    """Give the blocks of code in a language, without what they are indented by."""
    for indent, language, body in re.findall(r"^( *)```(\w+)\n(.*?)^ *```$", text_of(page), re.MULTILINE | re.DOTALL):
        if language in languages:
            yield re.sub(rf"^{indent}", "", body, flags=re.MULTILINE)


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as they are made where the pages are shown."""
    titles = re.findall(r"^#+ (.+)$", re.sub(r"```.*?```", "", text_of(page), flags=re.DOTALL), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@by_page
def test_a_link_leads_to_a_page_and_to_a_heading_that_are_there(page: Path) -> None:
    lost = []
    for target in re.findall(r"\]\(([^)\s]+)\)", text_of(page)):
        path, _, anchor = target.partition("#")
        there = page.parent / path if path else page
        if "://" in target:
            continue
        if not there.exists() or (anchor and there.suffix == ".md" and anchor not in anchors(there)):
            lost.append(target)

    assert lost == []


@by_page
def test_a_command_that_is_named_is_there(page: Path) -> None:
    named = re.findall(r"(?:python -m pnl|`pnl) ([a-z-]+)(?: ([a-z-]+))?", text_of(page))
    own = {(name, action) for name, action in named if COMMANDS.get(name) and action}

    assert {name for name, _ in named} <= COMMANDS.keys()
    assert [(name, action) for name, action in own if action not in COMMANDS[name]] == []


@by_page
def test_a_command_to_be_typed_names_the_python_that_has_what_it_needs(page: Path) -> None:
    blocks = re.findall(r"^ *```\w*\n(.*?)^ *```", text_of(page), re.MULTILINE | re.DOTALL)
    typed = [line.strip() for block in blocks for line in block.splitlines() if "python -m pnl" in line]

    assert [line for line in typed if line.startswith("python -m")] == []


@by_page
def test_a_target_of_make_that_is_named_is_there(page: Path) -> None:
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    text = text_of(page)

    named = set(re.findall(r"`make ([a-z-]+)", text)) | set(re.findall(r"^make ([a-z-]+)", text, re.MULTILINE))
    assert named <= set(targets)


@by_page
def test_a_file_of_ours_that_is_named_is_there(page: Path) -> None:
    named = re.findall(r"`((?:deploy|scripts|tests|pnl|bench|docs)/[\w./-]+)`", text_of(page))

    assert [name for name in named if not (ROOT / name).exists()] == []


@by_page
def test_a_block_of_code_can_be_read_by_what_it_is_for(page: Path) -> None:
    for body in blocks(page, "json"):
        json.loads(body)
    for body in blocks(page, "toml"):
        tomllib.loads(body)
    for body in blocks(page, "yaml", "yml"):
        list(yaml.safe_load_all(body))
    for body in blocks(page, "python"):
        ast.parse(body)
    for body in blocks(page, "sh", "bash"):
        done = subprocess.run(["sh", "-n"], input=body, capture_output=True, check=False, text=True, timeout=10)
        assert (done.returncode, done.stderr) == (0, "")


def test_the_index_names_every_page() -> None:
    index = text_of(DOCS / "README.md")
    pages = [page.relative_to(DOCS) for page in DOCS.rglob("*.md") if page.parent.name != "decisions"]

    assert [str(page) for page in pages if page.name != "README.md" and f"({page}" not in index] == []


def test_the_runbook_tells_every_way_in_which_a_start_is_refused_by_who_may_come_in() -> None:
    runbook = text_of(DOCS / "runbook.md")

    for said in ("anybody who reaches that address", "there is no user yet", "another process makes the ticks"):
        assert said in runbook
        assert any(said in path.read_text(encoding="utf-8") for path in (ROOT / "pnl").rglob("*.py"))
