"""What a browser keeps for when the server is away: every page without a figure, and the worker that shows it."""

import json
import re
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import dash
from dash import Dash
from dash._utils import to_json
from flask import Flask, Response, g, request

from pnl.web.answers import NO_STORE, text_answer
from pnl.web.joined import Joined

KEPT: Final = '\n<meta name="pnl:kept" content="">'
"""By which such a page knows what it is."""
_PARTS: Final = ("kept.js", "worker.js")
_NOT_FOUND: Final = ".not_found_404"
_PASSING: Final = re.compile(r'\\"end_id\\":\s*\\"[^"]*\\"')
"""What Dash makes up anew for every document."""


def without_figures() -> bool:
    """Tell whether this request asks for pages that a browser keeps, in which no figure may be."""
    return bool(g.get("pnl_kept"))


def keep_pages(app: Dash, server: Flask, assets: Path) -> None:
    """Serve the worker, and what it keeps, at the root: a worker answers for what is beside and below it."""
    joined = Joined(lambda part: part.read_bytes() + b"\n")
    parts = [assets / "worker" / name for name in _PARTS]

    @server.get("/sw.js")
    def worker() -> Response:
        made = joined.newest(parts)
        answer = Response(made.body, content_type="text/javascript; charset=utf-8")
        answer.set_etag(made.fingerprint)
        answer.make_conditional(request)
        return answer

    @server.get("/kept")
    def kept() -> Response:
        g.pnl_kept = True
        text = _told(app)
        version = sha256(_PASSING.sub("", text).encode()).hexdigest()[:16]
        if request.args.get("version") == version:
            return Response(status=204, headers={"Cache-Control": NO_STORE})
        return text_answer(f'{{"version":"{version}",{text[1:]}')


def _told(app: Dash) -> str:
    """Return the document, what the app asks for as it starts, and what its router answers for each page."""
    pages = [page for name, page in dash.page_registry.items() if not name.endswith(_NOT_FOUND)]
    document = json.dumps(app.index())  # type: ignore[no-untyped-call]  # Dash leaves it without types
    layout, dependencies = (ask().get_data(as_text=True) for ask in (app.serve_layout, app.dependencies))
    answers = ",".join(_page(page) for page in pages)
    return f'{{"document":{document},"layout":{layout},"dependencies":{dependencies},"pages":[{answers}]}}'


def _page(page: dict[str, Any]) -> str:
    title = page["title"]() if callable(page["title"]) else page["title"]
    answered = {"_pages_content": {"children": page["layout"]()}, "_pages_store": {"data": {"title": title}}}
    path = page["path_template"] or page["path"]
    return f'{{"path":{json.dumps(path)},"answer":{_json({"multi": True, "response": answered})}}}'


def _json(value: object) -> str:
    written: str = to_json(value)  # type: ignore[no-untyped-call]  # Dash leaves it without types
    return written
