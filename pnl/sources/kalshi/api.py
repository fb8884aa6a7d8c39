"""Signed questions to Kalshi, and many of them at once."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from pnl.clock import Clock
from pnl.errors import SourceError, SourceGarbled, SourceRefused, SourceRejected
from pnl.ports import Traffic
from pnl.sources.http import Http
from pnl.sources.kalshi.explain import with_cure
from pnl.sources.kalshi.fields import Row
from pnl.sources.kalshi.sign import PrivateKey, signed_headers

Params = Sequence[tuple[str, str]]


class KalshiApi:
    """Asks Kalshi's REST API, signed; counts its questions in `calls`."""

    def __init__(self, http: Http, key_id: str, key: PrivateKey, clock: Clock) -> None:
        self._http = http
        self._key_id = key_id
        self._key = key
        self._clock = clock
        self.calls = 0

    @property
    def clock_skew_seconds(self) -> float | None:
        """Seconds that our clock is ahead of Kalshi's; None before its first answer."""
        return self._http.clock_skew_seconds

    @property
    def traffic(self) -> Traffic:
        """What was measured of its answers."""
        return self._http.traffic

    async def get(self, path: str, params: Params = ()) -> Row:
        """Return the JSON object at `path`, which is relative to the base URL.

        Raises:
            SourceError: See `Http.get`; of a refusal, the text says the cure.
        """
        self.calls += 1
        url_path = self._http.url_path(path)
        headers = signed_headers(self._key_id, self._key, "GET", url_path, self._clock.now())
        try:
            answer = (await self._http.get(path, params, headers)).json()
        except SourceRefused as error:
            raise with_cure(error, self.clock_skew_seconds) from error
        if not isinstance(answer, dict):
            raise SourceGarbled(self._http.source, f"{self._http.host}{url_path}: not a JSON object")
        return answer

    async def get_optional(self, path: str, params: Params, notes: dict[str, str], name: str) -> Row | None:
        """Return the JSON object at `path`, or None, with the reason in `notes[name]`, when it cannot be had.

        Raises:
            SourceRefused: The key may not do this: that is for a person.
        """
        try:
            return await self.get(path, params)
        except SourceRefused:
            raise
        except SourceRejected as error:
            notes[name] = "not offered here" if error.status == 404 else str(error)
        except SourceError as error:
            notes[name] = str(error)
        return None

    async def close(self) -> None:
        """Let go of connections."""
        await self._http.close()


@asynccontextmanager
async def at_once() -> AsyncIterator[asyncio.TaskGroup]:
    """Run tasks side by side; the first `SourceError` of one stops the others and comes out alone."""
    try:
        async with asyncio.TaskGroup() as group:
            yield group
    except BaseExceptionGroup as errors:
        expected, bugs = errors.split(SourceError)
        if expected is None or bugs is not None:
            raise
        raise _first(expected) from None


def _first(errors: BaseExceptionGroup[SourceError]) -> SourceError:
    """Return a refusal before anything else: it is the one that a person must see."""
    refused = errors.subgroup(SourceRefused)
    error: BaseException = refused or errors
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if not isinstance(error, SourceError):
        raise error
    return error
