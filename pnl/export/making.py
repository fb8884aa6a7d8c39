"""Parquet and XLSX by a process of their own: our CSV goes in, the file comes out, both in parts."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from pnl.errors import ExportError
from pnl.export.archive import Part
from pnl.export.tables import Table

_ROOT = Path(__file__).parents[2]
_TAKEN = ("PATH", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT")
"""What the other process needs to know of this one's environment; no secret is among it."""
_PART = 1 << 16
_TOO_LONG = 3


class MakingFailed(Exception):
    """The process that makes a file ended before the file was whole."""


def made(kind: str, table: Table, parts: Iterable[Part]) -> Iterator[Part]:
    """Give a table's file of a kind, made of the parts of its CSV; the last part counts the rows.

    Raises:
        ExportError: A sheet does not hold so many rows.
        MakingFailed: The process ended before its time.
    """
    process = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-P", "-m", "pnl.export.sheets", kind, table.schema],
        cwd=_ROOT,
        env={name: os.environ[name] for name in _TAKEN if name in os.environ} | {"PYTHONPATH": str(_ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    feed = _Feed(process, parts)
    feed.start()
    try:
        assert process.stdout is not None  # noqa: S101 - asked for above
        while part := process.stdout.read1(_PART):  # type: ignore[attr-defined]  # a pipe is buffered
            yield 0, part
        feed.join()
        if feed.error:
            raise feed.error
        code = process.wait()
        if code == _TOO_LONG:
            raise ExportError("format", "xlsx holds 1,048,575 rows at most: ask for a shorter range, or take csv")
        if code:
            raise MakingFailed(f"the process that makes {kind} ended with {code}")
        yield feed.rows, b""
    finally:
        process.kill()
        process.wait()
        feed.join()
        for pipe in (process.stdin, process.stdout):
            assert pipe is not None  # noqa: S101 - as above
            with suppress(BrokenPipeError):  # what it did not take
                pipe.close()


class _Feed(threading.Thread):
    """Hands the CSV to the process, and lets go of its reading at the end."""

    def __init__(self, process: "subprocess.Popen[bytes]", parts: Iterable[Part]) -> None:
        super().__init__(name="export-feed", daemon=True)
        self._process, self._parts = process, parts
        self.rows = 0
        self.error: Exception | None = None

    def run(self) -> None:
        assert self._process.stdin is not None  # noqa: S101 - asked for above
        try:
            for rows, text in self._parts:
                self._process.stdin.write(text)
                self.rows += rows
            self._process.stdin.close()
        except BrokenPipeError:  # it ended: its exit code says why
            pass
        except Exception as error:  # noqa: BLE001 - raised again by whoever reads the file
            self.error = error
            self._process.kill()
