"""Texts of others inside our own: none of them turns around the letters that stand beside it."""

import re
import unicodedata
from typing import Final

MARKS: Final = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
"""Letters that are not seen, and say which way what follows is read (Unicode Standard Annex #9)."""
_MARK: Final = re.compile(f"[{MARKS}]")
_FIRST_STRONG, _POP = "\u2068", "\u2069"


def mark_in(text: str) -> str | None:
    """Return the first mark of direction that a text holds, as `U+202E`; None where it has none.

    >>> mark_in("Loss \\u202eof the day"), mark_in("Loss of the day")
    ('U+202E', None)
    """
    found = _MARK.search(text)
    return f"U+{ord(found[0]):04X}" if found else None


def without_marks(text: str) -> str:
    """Return a text as its letters alone say it.

    >>> without_marks("Loss \\u202eof the day")
    'Loss of the day'
    """
    return _MARK.sub("", text)


def isolated(text: str) -> str:
    """Return a text as it may stand in a sentence: without marks, and kept apart where it is read from right to left.

    >>> isolated("Loss \\u202eof the day"), isolated("\\u05d0 42") == "\\u2068\\u05d0 42\\u2069"
    ('Loss of the day', True)
    """
    plain = without_marks(text)
    leftward = any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in plain)
    return f"{_FIRST_STRONG}{plain}{_POP}" if leftward else plain
