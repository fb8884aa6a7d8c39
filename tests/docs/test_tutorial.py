"""The tutorial, as somebody goes through it: its commands are run against the product that it starts."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.docs.test_pages import DOCS, blocks
from tests.product.process import Process

STEPS = [
    line
    for block in blocks(DOCS / "tutorial.md", "sh")
    for line in block.replace("\\\n", " ").splitlines()
    if line.startswith(("curl ", "PNL_DATABASE_URL="))
]


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """Give the product on its sandbox, with every figure known."""
    process = Process(tmp_path_factory.mktemp("tutorial") / "data")
    process.until(lambda snapshot: snapshot["complete"])
    yield process
    process.end()


def run(step: str, product: Process, folder: Path) -> str:
    """Run a line of the tutorial as it stands there, but for the port and the folders of this machine."""
    data = product.environment["PNL_DATA_DIR"]
    line = step.replace("127.0.0.1:8050", f"127.0.0.1:{product.port}").replace("sqlite:///data/", f"sqlite:///{data}/")
    line = line.replace(".venv/bin/python", sys.executable)
    environment = {**os.environ, "PYTHONPATH": str(DOCS.parent)}
    done = subprocess.run(
        ["sh", "-c", line], cwd=folder, env=environment, capture_output=True, check=False, text=True, timeout=120
    )
    assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def test_it_has_the_steps_that_are_tried_here() -> None:
    assert len(STEPS) == 9


def test_a_figure_is_the_sum_of_its_parts_as_the_tutorial_says(product: Process, tmp_path: Path) -> None:
    net: dict[str, Any] = json.loads(run(STEPS[0], product, tmp_path))
    fees: dict[str, Any] = json.loads(run(STEPS[1], product, tmp_path))

    parts = [Decimal(child["amount"]) for child in net["children"] if child["amount"] is not None]
    assert sum(parts) == Decimal(net["amount"])
    assert fees["node"] == "trading_fees"
    assert json.loads(run(STEPS[2], product, tmp_path))


def test_an_entry_is_made_and_its_trail_is_told(product: Process, tmp_path: Path) -> None:
    made = json.loads(run(STEPS[3], product, tmp_path))
    trail = run(STEPS[4], product, tmp_path)

    assert made["id"] == "tutorial-1"
    assert "tutorial-1" in trail


def test_what_is_exported_is_there_and_what_is_kept_is_whole(product: Process, tmp_path: Path) -> None:
    run(STEPS[5], product, tmp_path)
    run(STEPS[6], product, tmp_path)

    assert (tmp_path / "snapshots.csv").read_text(encoding="utf-8").count("\n") > 1
    assert (tmp_path / "fills.csv").read_text(encoding="utf-8").count("\n") > 1
    assert run(STEPS[7], product, tmp_path).endswith("Nothing is missing, altered or unexplained.\n")
    assert re.search(r"^ticks made +[1-9]", run(STEPS[8], product, tmp_path), re.MULTILINE)
