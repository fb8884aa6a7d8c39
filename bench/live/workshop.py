"""Where the benchmark builds what it measures against: an environment for the peers, node's packages, the floor."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
SHOP = ROOT / ".bench"
PYTHON = SHOP / "python" / "bin" / "python"
NODE_MODULES = SHOP / "node_modules"
FLOOR = SHOP / "floor"
LOGS = SHOP / "logs"
_NODE_PACKAGE = "ws@8.23.0"


def open_shop() -> None:
    """Make the folder, which git leaves out."""
    LOGS.mkdir(parents=True, exist_ok=True)
    (SHOP / ".gitignore").write_text("*\n")


def python_peers() -> None:
    """Install the peers' packages, unless these very ones are there."""
    wanted, installed = HERE / "peers.txt", SHOP / "python" / "installed.txt"
    if installed.exists() and installed.read_text() == wanted.read_text():
        return
    subprocess.run([sys.executable, "-m", "venv", "--clear", SHOP / "python"], check=True)
    subprocess.run([PYTHON, "-m", "pip", "install", "-qq", "--requirement", wanted], check=True)
    shutil.copy(wanted, installed)


def node_peer() -> str | None:
    """Install node's package; return why it cannot be, or None."""
    if not (shutil.which("node") and shutil.which("npm")):
        return "node and npm are not installed"
    if not (NODE_MODULES / "ws").exists():
        made = subprocess.run(
            ["npm", "install", "--prefix", SHOP, "--no-save", "--no-fund", "--no-audit", _NODE_PACKAGE],
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode:
            return f"npm could not install {_NODE_PACKAGE}: {made.stderr.strip()[-200:]}"
    return None


def floor() -> str | None:
    """Compile the floor; return why it cannot be, or None."""
    compiler = shutil.which(os.environ.get("CC", "cc"))
    if not compiler:
        return "there is no C compiler"
    source = HERE / "floor.c"
    if not FLOOR.exists() or FLOOR.stat().st_mtime < source.stat().st_mtime:
        subprocess.run([compiler, "-O2", "-o", FLOOR, source], check=True)
    return None
