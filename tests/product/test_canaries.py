"""Secrets that are known by sight: they turn up in no log, no answer and no metric, whatever fails."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

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


class Gossip(BaseHTTPRequestHandler):
    """Refuses everybody, and repeats all that it was told."""

    def do_GET(self) -> None:
        body = ("{'error': {'message': '" + " ".join(self.headers.values()) + "'}}").replace("'", '"').encode()
        self.send_response(401 if "v1" in self.path else 500)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

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
    finally:
        product.end()
        server.shutdown()
        thread.join()
        server.server_close()

    assert "source failed" in told
    assert 'pnl_upstream_requests_total{api="anthropic",result="http_4xx"}' in told
    for canary in (*CANARIES.values(), *key.splitlines()[1:-1]):
        assert canary not in told
