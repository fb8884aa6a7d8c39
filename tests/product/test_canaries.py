"""Secrets that are known by sight: they turn up in no log, no answer and no metric, whatever fails."""

import json
import os
import signal
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.product.process import Process

CANARIES = {
    "PNL_ANTHROPIC_ADMIN_KEY": "sk-ant-admin01-canary-anthropic",
    "PNL_REVENUE_TOKEN": "canary-feed-token-0123456789",
    "PNL_STRIPE_KEY": "rk_live_canaryStripe0123456789",
    "PNL_SECRET_KEY": "canary-signing-key-0123456789abcdef",
}


def feed(handler: BaseHTTPRequestHandler, status: int, *rows: dict[str, str]) -> None:
    """Answer as a revenue feed does."""
    body = json.dumps({"schema": "revenue-feed/1", "data": rows}).encode()
    handler.send_response(status)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


class Gossip(BaseHTTPRequestHandler):
    """Refuses everybody, and repeats all that it was told."""

    def do_GET(self) -> None:
        if self.path.startswith("/feed"):
            self._quote()
            return
        body = ("{'error': {'message': '" + " ".join(self.headers.values()) + "'}}").replace("'", '"').encode()
        self.send_response(401 if "v1" in self.path else 500)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _quote(self) -> None:
        """Answer well, with a row whose kind is the key."""
        row = {"id": "1", "kind": self.headers["Authorization"].split()[-1], "amount": "1.00", "currency": "USD"}
        feed(self, 200, row | {"date": "2026-11-01"})

    def log_message(self, *_: object) -> None:
        return


@pytest.mark.timeout(180)
def test_a_secret_turns_up_nowhere(tmp_path: Path) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Gossip)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    key = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()  # fmt: skip
    address = f"http://127.0.0.1:{server.server_address[1]}"
    (tmp_path / "data").mkdir()
    product = Process(
        tmp_path / "data",
        PNL_SANDBOX="off",
        PNL_KALSHI_BASE_URL=f"{address}/trade-api/v2",
        PNL_KALSHI_KEY_ID="a-key-id",
        PNL_KALSHI_PRIVATE_KEY=key,
        PNL_ANTHROPIC_BASE_URL=address,
        PNL_REVENUE_URL=f"{address}/feed",
        PNL_STRIPE_BASE_URL=address,
        **CANARIES,
    )
    try:
        product.until(lambda snapshot: snapshot["sources"]["kalshi"]["error"])
        product.until(lambda snapshot: "kind" in (snapshot["sources"]["revenue"]["error"] or ""))
        answers = [
            product.get(path).text
            for path in ("/metrics", "/healthz", "/readyz", "/", "/status", "/sources", "/nothing", "/api/nothing")
        ]
        answers += [
            product.get(f"/api/pnl/{name}").text
            for name in (
                "current",
                "status",
                "sources",
                "checks",
                "me",
                "history?from=x",
                "records?kind=x",
                "stream?after=x",
            )
        ]
        answers.append(product.get("/metrics?token=canary-feed-token-0123456789").headers.get("Location", ""))
        assert product.stop() == 0
        told = product.said() + "".join(answers)
        kept = b"".join(path.read_bytes() for path in (tmp_path / "data").glob("*.db*"))
    finally:
        product.end()
        server.shutdown()
        thread.join()
        server.server_close()

    assert "source failed" in told
    assert 'pnl_upstream_requests_total{api="anthropic",result="http_4xx"}' in told
    for canary in (*CANARIES.values(), *key.splitlines()[1:-1]):
        assert canary not in told
        assert canary.encode() not in kept
    assert "[hidden]" in told


class Feed(BaseHTTPRequestHandler):
    """A feed without a row, which remembers by which keys it was asked, and takes the second alone."""

    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.asked.append(self.headers["Authorization"].split()[-1])
        feed(self, 200 if self.asked[-1].startswith("second") else 401)

    def log_message(self, *_: object) -> None:
        return


@pytest.mark.timeout(120)
def test_a_process_that_takes_the_place_of_another_begins_with_the_newest_key(tmp_path: Path) -> None:
    kept = tmp_path / "token"
    kept.write_text("first-token-0123456789")
    (tmp_path / "data").mkdir()
    with ThreadingHTTPServer(("127.0.0.1", 0), Feed) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        product = Process(
            tmp_path / "data",
            PNL_SANDBOX="off",
            PNL_REVENUE_URL=f"http://127.0.0.1:{server.server_address[1]}",
            PNL_REVENUE_TOKEN_FILE=str(kept),
        )
        try:
            product.until(lambda snapshot: "401" in (snapshot["sources"]["revenue"]["error"] or ""))
            kept.write_text("second-token-0123456789")
            (worker,) = Path(f"/proc/{product.process.pid}/task/{product.process.pid}/children").read_text().split()
            os.kill(int(worker), signal.SIGKILL)
            before = len(Feed.asked)
            product.until(lambda snapshot: snapshot["sources"]["revenue"]["as_of"] and len(Feed.asked) > before)
            product.stop()
        finally:
            product.end()
            server.shutdown()
            thread.join()

    assert Feed.asked[0] == "first-token-0123456789"
    assert set(Feed.asked[before:]) == {"second-token-0123456789"}
