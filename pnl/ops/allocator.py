"""How the C library hands out memory to the threads of this process."""

import ctypes
from typing import Final

_ARENA_MAX: Final = -8
"""`M_ARENA_MAX` of glibc's `mallopt`."""
POOLS: Final = 2


def keep_together() -> bool:
    """Let all threads take their memory from two pools; return whether the C library does so.

    glibc would give each thread a pool of its own, up to eight for each processor, and what one has let go no other
    takes: dozens of threads that answer pages and exports in turns held a hundred megabytes so. Since Python's threads
    work one at a time, they rarely meet in the same pool. A C library without `mallopt` is left as it is.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    return bool(mallopt and mallopt(_ARENA_MAX, POOLS))
