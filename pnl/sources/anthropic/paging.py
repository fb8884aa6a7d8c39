"""Reading all pages of a report, or none: the traps that the two generations of it share."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pnl.errors import SourceBroken, SourceGarbled, SourceRejected
from pnl.ports import Traffic
from pnl.sources.http import Answer, Http
from pnl.sources.reading import reading

NAME = "anthropic"
VERSION = "2023-06-01"
MOST_PAGES = 20
_GONE = 410

Query = Sequence[tuple[str, str]]


class Reports:
    """Asks Anthropic's Admin API with an Admin key."""

    def __init__(self, http: Http, admin_key: str) -> None:
        self._http = http
        self._headers = {"x-api-key": admin_key, "anthropic-version": VERSION}

    @property
    def traffic(self) -> Traffic:
        """What was measured of its answers."""
        return self._http.traffic

    async def get(self, path: str, query: Query = (), beta: str | None = None) -> Answer:
        """Return one answer."""
        return await self._http.get(path, query, self._headers | ({"anthropic-beta": beta} if beta else {}))

    async def pages(self, path: str, query: Query, beta: str | None = None) -> list[tuple[Mapping[str, Any], Answer]]:
        """Return every page, in order. A cursor that has expired begins again, once.

        Raises:
            SourceGarbled: A page is no page, a cursor came twice, or there are more than 20 pages.
        """
        try:
            return await self._pages(path, query, beta)
        except SourceRejected as error:
            if error.status != _GONE:
                raise
        try:
            return await self._pages(path, query, beta)
        except SourceRejected as error:
            if error.status != _GONE:
                raise
            raise SourceBroken(NAME, f"{path}: the page cursor expired twice while we read") from error

    async def close(self) -> None:
        """Let go of connections."""
        await self._http.close()

    async def _pages(self, path: str, query: Query, beta: str | None) -> list[tuple[Mapping[str, Any], Answer]]:
        found: list[tuple[Mapping[str, Any], Answer]] = []
        seen: set[str] = set()
        cursor: str | None = None
        while True:
            answer = await self.get(path, [*query, ("page", cursor)] if cursor else query, beta)
            page = answer.json()
            with reading(NAME, path):
                if not isinstance(page, dict) or not isinstance(page.get("data"), list):
                    raise TypeError("the page has no list `data`")
                found.append((page, answer))
                if not page.get("has_more"):
                    return found
                cursor = page.get("next_page")
                if not isinstance(cursor, str) or not cursor:
                    raise TypeError(f"has_more is true and next_page is {cursor!r}")
            if cursor in seen:
                raise SourceGarbled(NAME, f"{path}: the page cursor {cursor[:40]!r} came twice")
            seen.add(cursor)
            if len(found) >= MOST_PAGES:
                raise SourceGarbled(NAME, f"{path}: more than {MOST_PAGES} pages")


def explain(body: bytes) -> str | None:
    """Return what Anthropic says of an error: its message and, where given, its error code."""
    error = json.loads(body)["error"]
    code = (error.get("details") or {}).get("error_code")
    return f"{error['message']} ({code})" if code else str(error["message"])
