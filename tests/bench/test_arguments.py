"""What `python -m bench.live` does not take is refused before any server is started."""

import subprocess
import sys

import pytest

from bench.live.workshop import ROOT


@pytest.mark.parametrize("given", [("--clients", "0"), ("--clients", "-5"), ("--clients", "1e3"), ("--rounds", "0")])
def test_a_number_of_which_nothing_can_be_measured_is_refused_with_the_cure(given: tuple[str, str]) -> None:
    command = [sys.executable, "-m", "bench.live", "--server", "floor", *given, "--messages", "1", "--interval", "0.01"]

    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)

    assert (run.returncode, run.stdout) == (2, "")
    assert f"argument {given[0]}: {given[1]} cannot be measured: give a whole number from 1 on" in run.stderr
