"""What the fake server answers about explanations, exports and checks; a test may let it fail."""

import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Flask, Response, request

from pnl.domain.snapshot import instant
from pnl.web.alerts import alerts
from pnl.web.problems import speak_problems
from pnl.web.query import Days
from pnl.web.sources import sources
from tests.browser.explaining import explained
from tests.browser.fake import ZONE, Company
from tests.browser.staged import Staged
from tests.web.fakes import FakeStore

CONFIGURED = ("kalshi", "anthropic", "revenue.feed")
HEADER = b"seq,as_of_utc,net_usd\r\n"


class Answers:
    """The routes, and how they are to fail: `broken` by path, `cut` after so many rows of an export."""

    def __init__(self, company: Company) -> None:
        self.company = company
        self.broken: dict[str, tuple[int, str]] = {}
        self.asked: list[str] = []
        self.rows = 4000
        self.cut: list[int] = []
        self.wrong_sum = False
        self.changes: list[dict[str, Any]] = []
        self.gate: Callable[[], None] = lambda: None
        self.kept = FakeStore()
        self.staged = Staged(self.kept, self)
        self.before_cut: Callable[[], None] = lambda: None

    def now(self) -> datetime:
        """Return the company's time."""
        return self.company.now()

    def monotonic(self) -> float:
        """Return the company's time in seconds."""
        return self.company.now().timestamp()

    def serve(self, app: Flask) -> None:
        """Add the routes."""
        routes = Blueprint("answers", __name__)

        @routes.before_app_request
        def broken() -> Response | None:
            self.asked.append(request.full_path)
            found = self.broken.get(request.path)
            return _problem(*found) if found else None

        @routes.get("/api/pnl/explain")
        def explain() -> Response:
            self.gate()
            found = explained(self.company, request.args)
            return _json(found) if found else _problem(400, f"figure {request.args['figure']!r} is not known")

        @routes.get("/api/pnl/export.manifest")
        def manifest() -> Response:
            return _json(self.manifest(request.args.get("table", "snapshots"), request.args.get("format", "csv")))

        @routes.get("/api/pnl/export.<form>")
        def export(form: str) -> Response:
            name = f"northstar_{request.args.get('table', 'snapshots')}.{form}"
            after = int(request.args.get("after", 0))
            headers = {
                "Content-Disposition": f'attachment; filename="{name}"',
                "X-NorthStar-Last": str(self.company.seq),
            }
            if request.method == "HEAD":
                headers["X-NorthStar-Rows"] = str(self.rows)
                return Response(headers=headers, content_type="text/csv; charset=utf-8")
            head = b"" if request.args.get("header") == "absent" else HEADER
            return Response(self._stream(head, after), headers=headers, content_type="text/csv; charset=utf-8")

        @routes.get("/api/pnl/checks/history")
        def history() -> Response:
            name, scope = request.args.get("name"), request.args.get("scope")
            if name is None:
                return _json({"from": self.minutes_ago(1440), "to": self.minutes_ago(0), "checks": self.changes})
            found = [one for one in self.changes if (one["name"], one["scope"]) == (name, scope)]
            return _json(found[0] if found else {"name": name, "scope": scope, "changes": []})

        app.register_blueprint(routes)
        app.register_blueprint(sources(self.kept, self, Days(ZONE), CONFIGURED))
        app.register_blueprint(self.staged.routes())
        speak_problems(app, 1)
        app.register_blueprint(alerts(self.kept.alerts(), self, Days(ZONE), demo=True))

    def body(self) -> bytes:
        """Return the whole export."""
        return HEADER + b"".join(_row(seq) for seq in range(1, self.rows + 1))

    def manifest(self, table: str, form: str) -> dict[str, Any]:
        """Return what the whole export is."""
        body = self.body()
        digest = "0" * 64 if self.wrong_sum else hashlib.sha256(body).hexdigest()
        return {
            "table": table,
            "format": form,
            "rows": self.rows,
            "bytes": len(body),
            "sha256": digest,
            "schema": f"{table}/1",
            "first": "1",
            "after": str(self.rows),
            "last": self.company.seq,
            "url": f"/api/pnl/export.{form}?table={table}",
            "file_name": f"northstar_{table}.{form}",
        }

    def minutes_ago(self, minutes: float) -> str:
        """Return an instant as the API writes it."""
        return instant(self.company.now() - timedelta(minutes=minutes)) or ""

    def _stream(self, head: bytes, after: int) -> Iterator[bytes]:
        stop = self.cut.pop(0) if self.cut else None
        yield head
        for seq in range(after + 1, self.rows + 1):
            if stop is not None and seq - after > stop:
                yield _row(seq)[:9]
                self.before_cut()
                raise ConnectionAbortedError("cut")
            if seq % 500 == 0:
                self.gate()
            yield _row(seq)


def _row(seq: int) -> bytes:
    return f"{seq},2026-11-20T17:00:00.000Z,{seq}.123456789\r\n".encode()


def _json(body: object, status: int = 200) -> Response:
    return Response(json.dumps(body), status, content_type="application/json")


def _problem(status: int, detail: str) -> Response:
    return Response(
        json.dumps({"type": "about:blank", "title": "No", "status": status, "detail": detail}),
        status,
        content_type="application/problem+json",
    )
