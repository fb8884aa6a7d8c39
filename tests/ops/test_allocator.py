"""Memory of many threads, in a process of its own."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

PROGRAM = """
import ctypes, re, sys, threading
from pnl.ops.allocator import keep_together

kept = sys.argv[1] == "kept together" and keep_together()
there, over = threading.Barrier(25), threading.Event()

def take():
    held = [bytes(4096) for _ in range(200)]
    there.wait()
    over.wait()

threads = [threading.Thread(target=take) for _ in range(24)]
for thread in threads:
    thread.start()
there.wait()
libc = ctypes.CDLL(None)
libc.fopen.restype = ctypes.c_void_p
told = ctypes.c_void_p(libc.fopen(sys.argv[2].encode(), b"w"))
libc.malloc_info(0, told)
libc.fclose(told)
over.set()
print(kept, len(re.findall("<heap nr", open(sys.argv[2]).read())))
"""


@pytest.fixture
def pools(tmp_path: Path) -> Callable[[str], list[str]]:
    def count(how: str) -> list[str]:
        command = [sys.executable, "-c", PROGRAM, how, str(tmp_path / "told.xml")]
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.split()

    return count


def test_two_dozen_threads_share_two_pools_of_memory(pools: Callable[[str], list[str]]) -> None:
    assert pools("kept together") == ["True", "2"]


def test_without_that_they_would_take_more(pools: Callable[[str], list[str]]) -> None:
    kept, found = pools("as ever")
    assert kept == "False"
    assert int(found) > 2
