"""A server that speaks the part of Vault's HTTP API that reads secrets of the key-value engine, version 2."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


class VaultServer:
    """Listens on loopback between `with` and its end.

    Attributes:
        token: The one that is let in.
        secrets: The fields of each secret, by mount and path; None for one whose newest version is deleted.
        reads: How many readings were answered well.
        status: What all are answered instead; None for the truth.
    """

    def __init__(self) -> None:
        self.token = "hvs.canary-token"
        self.secrets: dict[str, dict[str, Any] | None] = {}
        self.reads = 0
        self.status: int | None = None
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def answer(self, path: str, token: str | None) -> tuple[int, object]:
        """Return the status and the body that Vault gives."""
        if self.status:
            return self.status, {"errors": ["Vault is sealed"]}
        if token != self.token:
            return 403, {"errors": ["permission denied"]}
        mount, _, place = path.removeprefix("/v1/").partition("/data/")
        name = f"{mount}/{place}"
        if name not in self.secrets:
            return 404, {"errors": []}
        self.reads += 1
        fields = self.secrets[name]
        if fields is None:
            return 404, {"data": {"data": None, "metadata": {"deletion_time": "2026-11-20T12:00:00Z", "version": 2}}}
        return 200, {"request_id": "r", "data": {"data": fields, "metadata": {"version": 1}}}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        here = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, body = here.answer(self.path, self.headers.get("X-Vault-Token"))
                text = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_: object) -> None:
                return

        return Handler
