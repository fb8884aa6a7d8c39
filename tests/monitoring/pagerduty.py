"""A PagerDuty of the tests' own: keeps what Alertmanager sends, and answers as the Events API v2 does."""

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

Event = dict[str, Any]


class PagerDuty:
    """Listens on a free port of loopback between `with` and its end."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.beats = 0
        self._news = threading.Condition()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def wait(self, holds: Callable[[Self], bool], what: str, seconds: float = 45) -> None:
        """Wait until something holds of what has come."""
        with self._news:
            told = [(event["event_action"], event["payload"]["summary"]) for event in self.events]
            assert self._news.wait_for(lambda: holds(self), seconds), f"{what} did not come; there were {told}"

    def sent(self, action: str, name: str) -> list[Event]:
        """Return the events of an action about an alert."""
        found = [event for event in self.events if event["event_action"] == action]
        return [event for event in found if event["payload"]["summary"].startswith(name)]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        here = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                with here._news:
                    if self.path == "/v2/enqueue":
                        here.events.append(body)
                    else:
                        here.beats += 1
                    here._news.notify_all()
                answer = b'{"status":"success"}'
                self.send_response(202)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                return

        return Handler
