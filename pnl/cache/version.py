"""Which program this is: answers of another one are never served, though both ask the same Redis."""

from functools import cache
from hashlib import blake2b
from pathlib import Path

import pnl


@cache
def version() -> str:
    """Return a digest of every module of this package."""
    told = blake2b(digest_size=8)
    root = Path(str(pnl.__file__)).parent
    for path in sorted(root.rglob("*.py")):
        told.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes() + b"\0")
    return told.hexdigest()
