"""The scripts and styles of a panel as one file each, without comments: a frame loads little, in few answers."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from flask import Response, request

from pnl.web.joined import File, Joined

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
        self._joined = Joined(_taken)

    @property
    def address(self) -> str:
        """Where it is found; changes with its content."""
        return f"/embed/bundle/{self.name}?m={self._newest().fingerprint}"

    def answer(self) -> Response:
        """Return it."""
        file = self._newest()
        made = Response(file.body, content_type=_TYPES[self.kind])
        made.set_etag(file.fingerprint)
        lasts = request.args.get("m") == file.fingerprint
        made.headers["Cache-Control"] = "public, max-age=31536000, immutable" if lasts else "no-cache"
        made.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        made.headers["Content-Security-Policy"] = "default-src 'none'"
        return made

    def _newest(self) -> File:
        return self._joined.newest(ASSETS / path for path in self.paths)


def stripped(text: str) -> str:
    """Return a script or a sheet of ours without comments and indents."""
    return _INDENT.sub("\n", _LINE.sub("", _BLOCK.sub("", text))).strip() + "\n"


def _taken(part: Path) -> bytes:
    # Sheets say where fonts are from where they are themselves.
    return _RELATIVE.sub('url("/assets/', stripped(part.read_text(encoding="utf-8"))).encode()
