"""The scripts and styles of a panel as one file each, without comments: a frame loads little, in few answers."""

import gzip
import re
from collections.abc import Iterable
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Final

from flask import Response, request

ASSETS: Final = Path(__file__).parents[3] / "assets"
_BLOCK: Final = re.compile(r"/\*\*(?s:.*?)\*/")
_LINE: Final = re.compile(r"^[ \t]*//.*$", re.MULTILINE)
_INDENT: Final = re.compile(r"\n\s*")
_RELATIVE: Final = re.compile(r"url\(\"\.\./")
_TYPES: Final = {"js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8"}


class Bundle:
    """Files of one kind, joined in their order.

    Args:
        name: What it is called in its address.
        paths: Below `assets/`, with the ending.
    """

    def __init__(self, name: str, paths: Iterable[str]) -> None:
        self.paths = tuple(paths)
        self.kind = "css" if self.paths[0].endswith(".css") else "js"
        self.name = f"{name}.{self.kind}"

    @property
    def address(self) -> str:
        """Where it is found; changes with its content."""
        return f"/embed/bundle/{self.name}?m={_made(self.paths, self._changed())[2]}"

    def answer(self) -> Response:
        """Return it, compressed where the browser takes that."""
        text, small, tag = _made(self.paths, self._changed())
        squeezed = request.accept_encodings.quality("gzip") > 0
        made = Response(small if squeezed else text, content_type=_TYPES[self.kind])
        if squeezed:
            made.content_encoding = "gzip"
        made.vary.add("Accept-Encoding")
        lasts = request.args.get("m") == tag
        made.headers["Cache-Control"] = "public, max-age=31536000, immutable" if lasts else "no-cache"
        made.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        made.headers["Content-Security-Policy"] = "default-src 'none'"
        return made

    def _changed(self) -> tuple[int, ...]:
        return tuple((ASSETS / path).stat().st_mtime_ns for path in self.paths)


def stripped(text: str) -> str:
    """Return a script or a sheet of ours without comments and indents."""
    return _INDENT.sub("\n", _LINE.sub("", _BLOCK.sub("", text))).strip() + "\n"


@cache
def _made(paths: tuple[str, ...], _changed: tuple[int, ...]) -> tuple[bytes, bytes, str]:
    parts = [stripped((ASSETS / path).read_text(encoding="utf-8")) for path in paths]
    # Sheets say where fonts are from where they are themselves.
    text = _RELATIVE.sub('url("/assets/', "".join(parts)).encode()
    return text, gzip.compress(text, 9, mtime=0), blake2b(text, digest_size=6).hexdigest()
