"""Failures of HTTP, sorted once into the error tree, in words that an operator can act on."""

import re
import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

import httpx

from pnl.errors import (
    SourceBroken,
    SourceBusy,
    SourceError,
    SourceGarbled,
    SourceRefused,
    SourceRejected,
    SourceUnreachable,
)

LONGEST_WAIT_SECONDS = 300.0
REFUSED_SECONDS: Final = 15.0
"""The wait after a refusal that may have been a moment's: of a server that was restarting, or with its keys changed."""
REFUSED_SOON: Final = 4
"""So many refusals in a row are tried again soon; each one after that waits twice as long as the last."""
OUTAGE_SECONDS: Final = 15.0
"""The longest wait after a failure that passes by itself: with a tick that comes as much as ten seconds later, a source
is asked within half a minute of being well again."""
CERTIFICATE: Final = "its certificate is not good"
"""How an error says that a server was reached, and is not believed."""
_CUT = re.compile("disconnected|closed connection")
_SECONDS = re.compile(r"\d{1,30}(\.\d{1,30})?")

_ANSWERS: Final = ((SourceBusy, "rate_limited"), (SourceBroken, "http_5xx"), (SourceRejected, "http_4xx"))
_CAUSES: Final = (
    ((ssl.SSLError,), "tls"),
    ((socket.gaierror,), "dns"),
    ((TimeoutError, httpx.TimeoutException), "timeout"),
)


def of_status(source: str, what: str, status: int, said: str | None, wait: float | None) -> SourceError:
    """Return the error that an HTTP status means; `said` is the vendor's own text, `wait` its Retry-After."""
    text = f"{what}: HTTP {status}" + (f", {said}" if said else "")
    if status == httpx.codes.TOO_MANY_REQUESTS:
        return SourceBusy(source, text, retry_after=wait)
    if status in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
        return SourceRefused(source, text, status=status, retry_after=wait)
    if 300 <= status < 400:
        return SourceRejected(source, f"{text}: a redirect, and we follow none", status=status, retry_after=wait)
    if 400 <= status < 500:
        return SourceRejected(source, text, status=status, retry_after=wait)
    if 500 <= status < 600:
        return SourceBroken(source, text, retry_after=wait)
    return SourceGarbled(source, f"{text}: no status that HTTP knows")


def wait_after_refusal(failures: int, longest: float) -> float:
    """Return the seconds to wait after the `failures`th refusal in a row, up to `longest`: at first little.

    >>> [wait_after_refusal(n, 300.0) for n in (1, 4, 5, 6, 8, 9, 99)]
    [15.0, 15.0, 30.0, 60.0, 240.0, 300.0, 300.0]
    """
    return min(REFUSED_SECONDS * 2.0 ** min(max(failures - REFUSED_SOON, 0), 10), longest)


def wait_after_outage(failures: int) -> float:
    """Return the seconds to wait after the `failures`th time in a row that a source gave no answer, or one of 5xx.

    >>> [wait_after_outage(n) for n in (1, 2, 3, 99)]
    [5.0, 10.0, 15.0, 15.0]
    """
    return min(5.0 * failures, OUTAGE_SECONDS)


def told(error: SourceError, key: str, address: str) -> str:
    """Return an error's text for who can mend it, with the settings `key` or `address` where one is the cure."""
    match error:
        case SourceRefused():
            return f"{error}; mend {key}"
        case SourceUnreachable() if CERTIFICATE in str(error):
            return f"{error}; mend that certificate, or give the name in {address} that it is for"
        case SourceUnreachable() | SourceRejected(status=404):
            return f"{error}; check {address}, and the network"
    return str(error)


def of_transport(source: str, what: str, error: BaseException) -> SourceError:
    """Return the error for a request that got no whole answer; it says what happened, with the host."""
    for cause in _causes(error):
        reason = _reason(cause)
        if reason is not None:
            return SourceUnreachable(source, f"{what}: {reason}")
    if isinstance(error, httpx.RemoteProtocolError):
        return SourceGarbled(source, f"{what}: the answer is not HTTP: {str(error)[:100]}")
    if isinstance(error, httpx.TransportError | OSError):
        return SourceUnreachable(source, f"{what}: no connection ({type(error).__name__})")
    return SourceGarbled(source, f"{what}: the exchange failed ({type(error).__name__})")


def result_of(error: SourceError | None) -> str:
    """Return how a request ended, as the metrics name it; None is a request that went well."""
    if error is None:
        return "ok"
    if not isinstance(error, SourceUnreachable):
        return next((result for kind, result in _ANSWERS if isinstance(error, kind)), "invalid")
    causes = list(_causes(error))
    for kinds, result in _CAUSES:
        if any(isinstance(cause, kinds) for cause in causes):
            return result
    return "unreachable"


def retry_after(value: str | None, now: datetime) -> float | None:
    """Return a Retry-After header's seconds, 0 to 300; None when there is none that can be read."""
    if value is None:
        return None
    value = value.strip()
    if _SECONDS.fullmatch(value):
        return min(float(value), LONGEST_WAIT_SECONDS)
    then = http_date(value)
    return None if then is None else min(max((then - now).total_seconds(), 0.0), LONGEST_WAIT_SECONDS)


def http_date(value: str | None) -> datetime | None:
    """Return the instant that an HTTP date names; None when it is none."""
    try:
        then = parsedate_to_datetime(value or "")
        return then.replace(tzinfo=UTC) if then.tzinfo is None else then.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _reason(error: BaseException) -> str | None:
    """Return in words why a connection failed; None when this error does not tell."""
    reason: str | None = None
    match error:
        case ssl.SSLCertVerificationError():
            reason = f"{CERTIFICATE}: {error.verify_message}"
        case ssl.SSLError():
            reason = f"no secure connection: {error.reason or 'TLS failed'}"
        case socket.gaierror():
            reason = "its host name is not found"
        case ConnectionRefusedError():
            reason = "connection refused"
        case ConnectionResetError() | BrokenPipeError():
            reason = "connection reset"
        case httpx.TimeoutException():
            reason = "no answer in time"
        case httpx.RemoteProtocolError() if _CUT.search(str(error)):
            reason = "the connection closed in the middle of the answer"
    return reason


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Give the error and what it came from, nearest first; of a group, its members."""
    queue, seen = [error], set[int]()
    while queue:
        one = queue.pop(0)
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        if isinstance(one, BaseExceptionGroup):
            queue.extend(one.exceptions)
        queue.extend(cause for cause in (one.__cause__, one.__context__) if cause is not None)
