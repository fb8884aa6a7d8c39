"""A real provider, `oidc-provider-mock`, as a process on a port of its own."""

import json
import os
import socket
import subprocess
import sys
import time
from types import TracebackType
from typing import Self

import httpx

PATIENCE_SECONDS = 60
ANN = {"sub": "ann", "email": "ann@example.com", "email_verified": True}
BOB = {"sub": "bob", "email": "bob@example.com"}
EVE = {"sub": "eve", "email": "eve@evil.test"}
ZOE = {"sub": "zoe", "email": "zoe@example.com", "email_verified": False}


class ProviderProcess:
    """Signs in four people by one press of a button each. With `expired`, its tokens are over as it issues them."""

    def __init__(self, *, expired: bool = False) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        people = [part for one in (ANN, BOB, EVE, ZOE) for part in ("--user-claims", json.dumps(one))]
        lasts = ["--token-max-age", "-3600"] if expired else []
        self._command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(self.port), "-n"]
        self._command += [*people, *lasts]
        self.start()

    def start(self) -> None:
        """Start it, also once more on the same port: it then signs with another key."""
        environment = {**os.environ, "NO_PROXY": "*"}
        quiet = subprocess.DEVNULL
        self._process = subprocess.Popen(self._command, env=environment, stdout=quiet, stderr=quiet)
        end = time.monotonic() + PATIENCE_SECONDS
        while not self._serves():
            assert self._process.poll() is None, "the provider ended"
            assert time.monotonic() < end, "the provider does not start"
            time.sleep(0.05)  # between two looks at another process

    def stop(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait(10)

    def sign_in(self, address: str, sub: str) -> str:
        """Sign somebody in at the address that a browser was sent to, and return where it is sent back to."""
        answer = httpx.post(address, data={"sub": sub} if sub else {"action": "deny"}, timeout=PATIENCE_SECONDS)
        assert answer.status_code == 302, answer.text
        return answer.headers["Location"]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.stop()

    def _serves(self) -> bool:
        try:
            return httpx.get(f"{self.url}/jwks").status_code == 200
        except httpx.TransportError:
            return False
