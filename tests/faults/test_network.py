"""A page on a line that is too narrow, in a network of its own, where it harms nobody else."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.product.process import TOP


@pytest.mark.slow
def test_a_line_of_64_kbit_loses_no_number(tmp_path: Path) -> None:
    apart = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user", "--net"]
    run = subprocess.run(
        [*apart, sys.executable, "-m", "tests.browser.lossy", str(tmp_path), "narrow"],
        cwd=TOP,
        capture_output=True,
        text=True,
        timeout=230,
        check=False,
    )

    assert run.returncode == 0, run.stdout + run.stderr
