"""Nobody takes the log any more: the disk that it goes to is full, or whoever read it is gone. Ticks go on."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.product.process import TOP, Process

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="/dev/full is Linux's"),
]


class Unheard(Process):
    """A product whose standard output goes where nobody takes it."""

    def __init__(self, folder: Path, out: int) -> None:
        self._out = out
        super().__init__(folder)

    def again(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "app.py"],
            cwd=TOP,
            env=self.environment,
            stdout=self._out,
            stderr=self._out,
            start_new_session=True,
        )


@pytest.fixture(params=["a full disk", "a closed pipe"])
def unheard(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Unheard]:
    if request.param == "a full disk":
        out = os.open("/dev/full", os.O_WRONLY)
    else:
        heard, out = os.pipe()
        os.close(heard)
    process = Unheard(tmp_path / "data", out)
    yield process
    process.end()
    os.close(out)


def test_a_log_that_nobody_takes_keeps_no_tick_away(unheard: Unheard) -> None:
    shown = unheard.until(lambda snapshot: snapshot["complete"] and snapshot["seq"] >= 3)

    unheard.process.send_signal(signal.SIGHUP)  # a new worker says a few lines
    later = unheard.until(lambda snapshot: snapshot["seq"] > shown["seq"] + 4)

    kept = unheard.exported()
    assert set(kept) >= set(range(1, later["seq"] + 1))
    assert unheard.get("/readyz").status_code == 200
    assert unheard.stop() == 0
