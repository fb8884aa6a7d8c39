"""One attempt to send one message: the request, its deadline, and what the answer means."""

import asyncio
import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Literal
from urllib.parse import urlsplit

import httpx

from pnl import __version__
from pnl.alerts import pagerduty, slack, webhook
from pnl.alerts.receivers import Receiver
from pnl.clock import Clock
from pnl.domain.alerts.incidents import Event

DEADLINE_SECONDS = 10.0
IDEMPOTENCY = "Idempotency-Key"
"""The header that is the same for a message that comes twice (draft-ietf-httpapi-idempotency-key-header)."""
_NEVER = (400, 413, 422)
"""The message itself is refused: it would be refused again."""
_MOST_BYTES = 2_000
_MOST_LETTERS = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What came of it: `sent`, `later` (after `wait` seconds at least, where it says so) or `refused`, and why."""

    result: Literal["sent", "later", "refused"]
    error: str | None = None
    wait: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who sends.

    Attributes:
        clock: The time.
        series: The name of this store's series, by which two installations are told apart.
        deadline_seconds: For connecting, sending and the answer together.
    """

    clock: Clock
    series: str
    deadline_seconds: float = DEADLINE_SECONDS

    async def send(self, receiver: Receiver, event: Event, public_url: str) -> Attempt:
        """Send an event to a receiver, once. No redirect is followed, and no proxy stands between.

        A test leaves no incident behind: where one is opened by it, it is resolved at once.
        """
        attempt = await self._post(receiver, event, public_url)
        if attempt.result == "sent" and event.action == "test" and receiver.kind == "pagerduty":
            return await self._post(receiver, replace(event, action="resolve"), public_url)
        return attempt

    async def _post(self, receiver: Receiver, event: Event, public_url: str) -> Attempt:
        body, headers = self._request(receiver, event, public_url)
        try:
            async with (
                asyncio.timeout(self.deadline_seconds),
                httpx.AsyncClient(follow_redirects=False, trust_env=False, timeout=None) as client,  # noqa: S113 - the deadline is above
                client.stream(
                    "POST",
                    receiver.address.url,
                    content=body,
                    headers=headers,
                    extensions={"trace": _Peer(receiver).look},
                ) as response,
            ):
                said = "" if response.is_success else await _said(response, receiver)
                return _meaning(response, said, self.clock.now())
        except TimeoutError:
            return Attempt(result="later", error=f"no answer within {self.deadline_seconds:g} s")
        except _Elsewhere as error:
            return Attempt(result="later", error=str(error))
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            return Attempt(
                result="later", error=f"{receiver.address.host} cannot be reached ({_shown(str(error), receiver)})"
            )

    def _request(self, receiver: Receiver, event: Event, public_url: str) -> tuple[bytes, dict[str, str]]:
        link = f"{public_url}/alerts"
        key = f"{self.series}/{event.incident}"
        message = f"{key}/{event.action}"
        made: dict[str, Any]
        headers = {"Content-Type": "application/json", "User-Agent": f"NorthStar-PnL/{__version__} (self-hosted)"}
        if receiver.kind == "pagerduty":
            source = urlsplit(public_url).netloc or "northstar-pnl"
            made = pagerduty.body(event, routing_key=receiver.secret, dedup_key=key, link=link, source=source)
        elif receiver.kind == "slack":
            made = slack.body(event, key=message, link=link)
        else:
            made = webhook.body(event, key=message, link=link)
        body = json.dumps(made, ensure_ascii=False, separators=(",", ":")).encode()
        if receiver.kind != "pagerduty":
            headers[IDEMPOTENCY] = f'"{message}"'
        if receiver.kind == "webhook":
            at = int(self.clock.now().timestamp())
            headers[webhook.SIGNATURE] = webhook.signature(receiver.secret, body, at)
        return body, headers


class _Elsewhere(Exception):
    """A connection led to where nothing may be sent."""


class _Peer:
    """Looks where a connection has led, before anything is sent through it."""

    def __init__(self, receiver: Receiver) -> None:
        self._address = receiver.address

    async def look(self, name: str, info: dict[str, Any]) -> None:
        if name != "connection.connect_tcp.complete":
            return
        peer = info["return_value"].get_extra_info("server_addr")
        refusal = self._address.refusal(str(peer[0])) if peer else "it is not known where the connection leads"
        if refusal:
            raise _Elsewhere(refusal)


def _meaning(response: httpx.Response, said: str, now: datetime) -> Attempt:
    status = response.status_code
    if response.is_success:
        return Attempt(result="sent")
    told = f"HTTP {status}{f': {said}' if said else ''}"
    if response.is_redirect or 300 <= status < 400:
        return Attempt(
            result="later", error=f"HTTP {status}: it redirects, which is not followed; give the final address"
        )
    if status in _NEVER:
        return Attempt(result="refused", error=told)
    if status in (401, 403, 404, 410):
        return Attempt(result="later", error=f"{told}; mend its key or its address in the file")
    return Attempt(result="later", error=told, wait=_retry_after(response.headers.get("Retry-After"), now))


def _retry_after(text: str | None, now: datetime) -> float | None:
    """Return the seconds that a Retry-After asks for: a number, or a date; None where it says nothing of the kind."""
    if not text:
        return None
    if text.strip().isdecimal():
        return float(min(int(text), 86_400))
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, ((at if at.tzinfo else at.replace(tzinfo=UTC)) - now).total_seconds())


async def _said(response: httpx.Response, receiver: Receiver) -> str:
    """Return the beginning of what an error answer says, in one line, without a secret of ours."""
    body = b""
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > _MOST_BYTES:
            break
    return _shown(body[:_MOST_BYTES].decode(errors="replace"), receiver)


def _shown(text: str, receiver: Receiver) -> str:
    for secret in receiver.secrets:
        text = text.replace(secret, "…")
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())[:_MOST_LETTERS]
