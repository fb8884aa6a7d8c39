"""Upstreams of revenue in memory, and a clock that tests move."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from pnl.sources.http import Http

NEW_YORK = ZoneInfo("America/New_York")
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


class MovedClock:
    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()


class Server:
    """Answers with `answer`, and keeps what it was asked."""

    def __init__(self, answer: Callable[[httpx.Request], httpx.Response]) -> None:
        self.answer = answer
        self.seen: list[httpx.Request] = []

    def http(self, source: str, clock: MovedClock, **options: Any) -> Http:  # noqa: ANN401 - handed on
        def serve(request: httpx.Request) -> httpx.Response:
            self.seen.append(request)
            return self.answer(request)

        transport = httpx.MockTransport(serve)
        return Http(source, "https://upstream.test/base", clock=clock, transport=transport, **options)
