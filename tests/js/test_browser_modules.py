"""The browser's modules, under Node's own test runner."""

import shutil
import subprocess
from pathlib import Path

from pnl.domain.snapshot import LINES
from pnl.panels.amounts import GROUPS

HERE = Path(__file__).parent
TOP = HERE.parents[1]


def test_every_test_of_the_browser_modules_passes() -> None:
    node = shutil.which("node")
    assert node, "node is missing: install Node.js 20 or later, the browser's modules are tested with it"

    files = sorted(str(path) for path in HERE.glob("*.test.js"))
    run = subprocess.run([node, "--test", *files], cwd=TOP, capture_output=True, text=True, timeout=60, check=False)

    assert run.returncode == 0, run.stdout + run.stderr


def test_the_groups_of_the_identity_bar_hold_every_line_once() -> None:
    assert sorted(line for group in GROUPS for line in group.lines) == sorted(LINES)


def test_browser_and_server_group_the_same_lines() -> None:
    script = (TOP / "assets/live/statement.js").read_text()

    for group in GROUPS:
        names = ", ".join(f'"{line}"' for line in group.lines)
        assert f'id: "{group.id}", name: "{group.name}", lines: [{names}]' in script
