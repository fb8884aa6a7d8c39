"""Our scripts and styles, each as one file: a page asks for two instead of a hundred and forty."""

import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from flask import Flask, Response

from pnl.web.joined import File, Joined

SCRIPTS: Final = "all.js"
STYLES: Final = "css/all.css"
_KINDS: Final = {SCRIPTS: (".js", "text/javascript"), STYLES: (".css", "text/css")}
_OTHERS: Final = "00-"
"""What the files of others begin with: they stay by themselves, for they change at another time."""
_TAG: Final = r'[ \t]*<(?:script src|link rel="stylesheet" href)="{root}(?P<path>[^"?]+)\?m=[^"]*">(?:</script>)?\n?'


class Bundles:
    """Makes the files, in the order in which Dash names their parts, and serves them beside the parts.

    Args:
        app: The server.
        folder: Where the parts are.
        root: The address of that folder, with a slash at its end.
        apart: The folders in it whose parts belong to other pages, or to none.
    """

    def __init__(self, app: Flask, folder: Path, root: str, *, apart: Iterable[str] = ()) -> None:
        self._folder = folder
        self._root = root
        self._apart = [folder / name for name in apart]
        self._tag = re.compile(_TAG.format(root=re.escape(root)))
        self._joined = {name: Joined(self._named) for name in _KINDS}
        for name in _KINDS:
            app.add_url_rule(f"/assets/{name}", f"bundle {name.partition('.')[2]}", self._view(name))

    def one(self, name: str, tags: str) -> str:
        """Return tags with one for all of our parts, in the place of the first of them."""
        address = f"{self._root}{name}?m={self._newest(name).fingerprint}"
        tag = f'<script src="{address}"></script>' if name == SCRIPTS else f'<link rel="stylesheet" href="{address}">'
        places = iter((f"{tag}\n",))

        def put(found: re.Match[str]) -> str:
            return found[0] if found["path"].startswith(_OTHERS) else next(places, "")

        return self._tag.sub(put, tags)

    def _newest(self, name: str) -> File:
        """Return a bundle; a part that changed since it was made is read anew."""
        ending = _KINDS[name][0]
        walked = [
            Path(folder) / file
            for folder, _, files in sorted(os.walk(self._folder))
            for file in sorted(files)
            if file.endswith(ending) and not file.startswith(_OTHERS) and Path(folder) not in self._apart
        ]
        return self._joined[name].newest(walked)

    def _named(self, part: Path) -> bytes:
        return f"/* {part.relative_to(self._folder).as_posix()} */\n".encode() + part.read_bytes() + b"\n"

    def _view(self, name: str) -> Callable[[], Response]:
        def serve() -> Response:
            bundle = self._newest(name)
            answer = Response(bundle.body, content_type=f"{_KINDS[name][1]}; charset=utf-8")
            answer.set_etag(bundle.fingerprint)
            return answer

        return serve
