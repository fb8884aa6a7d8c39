"""Pages of other sites that frame panels: each is served from a loopback port of its own, as `localhost`."""

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

from werkzeug import Request, Response
from werkzeug.serving import make_server

LISTEN = """<script>
window.heard = [];
addEventListener("message", ({ data, origin }) => {
  if (data && String(data.type).startsWith("northstar:")) heard.push({ ...data, origin });
});
</script>"""


class Site:
    """A site with pages, until the block is left.

    Attributes:
        pages: What it serves, by path; a callable is asked each time.
    """

    def __init__(self) -> None:
        self.pages: dict[str, str | Callable[[], str]] = {}
        self._server = make_server("127.0.0.1", 0, Request.application(self._serve), threaded=True)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})

    @property
    def origin(self) -> str:
        """Where browsers find it: by another name than the panels, so that it is another site."""
        return f"http://localhost:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def frames(self, src: str, *, sandbox: str | None = "allow-scripts", width: int = 640, height: int = 320) -> str:
        """Serve a page that frames an address, and return the page's own."""
        held = "" if sandbox is None else f' sandbox="{sandbox}"'
        frame = f'<iframe id="panel" src="{src}" width="{width}" height="{height}" title="Panel"{held}></iframe>'
        self.pages["/"] = page(LISTEN + frame)
        return f"{self.origin}/"

    def _serve(self, request: Request) -> Response:
        found = self.pages.get(request.path)
        if found is None:
            return Response("", 204)
        text = found if isinstance(found, str) else found()
        return Response(text, content_type="text/html; charset=utf-8" if text.startswith("<") else "text/plain")


def page(body: str) -> str:
    head = '<head><meta charset="utf-8"><title>Wiki</title></head>'
    return f'<!DOCTYPE html><html lang="en">{head}<body>{body}</body></html>'
