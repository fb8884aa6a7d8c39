"""Finds the addresses of hosts: in good time, once for all who ask, and in an outage of DNS those of last time."""

import asyncio
import socket
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from ipaddress import ip_address
from typing import Final

import structlog

from pnl.clock import Clock

log = structlog.get_logger(__name__)

DEADLINE_SECONDS: Final = 1.0
FRESH_SECONDS: Final = 60.0
LookUp = Callable[[str], Sequence[str]]


def look_up(host: str) -> list[str]:
    """Return the addresses of a host, as the system finds them; it may take long.

    Raises:
        OSError: It finds none.
    """
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class Resolver:
    """Remembers addresses for a minute, and beyond it for as long as nothing newer can be found.

    Every look-up has a thread of its own, and every host at most one: what hangs keeps nothing else waiting.

    Args:
        clock: Measures how old what is remembered is.
        find: Looks a host up.
        deadline_seconds: How long an answer is waited for.
        fresh_seconds: How long one is good.
    """

    def __init__(
        self,
        clock: Clock,
        find: LookUp = look_up,
        *,
        deadline_seconds: float = DEADLINE_SECONDS,
        fresh_seconds: float = FRESH_SECONDS,
    ) -> None:
        self._clock = clock
        self._find = find
        self._deadline = deadline_seconds
        self._fresh = fresh_seconds
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[float, tuple[str, ...]]] = {}
        self._flights: dict[str, Future[tuple[str, ...]]] = {}
        self._failing: set[str] = set()

    async def addresses(self, host: str) -> tuple[str, ...]:
        """Return the addresses of a host, the best first.

        Raises:
            gaierror: None is found in time, and none is remembered.
        """
        if _is_address(host):
            return (host,)
        kept = self._kept.get(host)
        if kept and self._clock.monotonic() - kept[0] < self._fresh:
            return kept[1]
        try:
            async with asyncio.timeout(self._deadline):
                found = await asyncio.shield(asyncio.wrap_future(self._flight(host)))
        except (OSError, UnicodeError) as error:  # a look-up that is late is a TimeoutError, which is one of them
            if kept is None:
                reason = "no answer in time" if isinstance(error, TimeoutError) else str(error)
                raise socket.gaierror(socket.EAI_AGAIN, reason) from error
            if host not in self._failing:
                self._failing.add(host)
                log.warning("a host cannot be looked up: its last address is used", host=host, reason=str(error))
            return kept[1]
        if host in self._failing:
            self._failing.discard(host)
            log.info("the host can be looked up again", host=host)
        return found

    def _flight(self, host: str) -> "Future[tuple[str, ...]]":
        with self._lock:
            flight = self._flights.get(host)
            if flight is None:
                flight = self._flights[host] = Future()
                threading.Thread(target=self._fly, args=(host, flight), name="dns", daemon=True).start()
            return flight

    def _fly(self, host: str, flight: "Future[tuple[str, ...]]") -> None:
        try:
            found = tuple(self._find(host))
            if not found:
                raise socket.gaierror(socket.EAI_NONAME, "no address")
        except Exception as error:  # noqa: BLE001 - whoever waits is told
            self._land(host, flight, error=error)
        else:
            self._kept[host] = (self._clock.monotonic(), found)
            self._land(host, flight, found=found)

    def _land(
        self,
        host: str,
        flight: "Future[tuple[str, ...]]",
        *,
        found: tuple[str, ...] = (),
        error: Exception | None = None,
    ) -> None:
        with self._lock:
            self._flights.pop(host, None)
        if error:
            flight.set_exception(error)
        else:
            flight.set_result(found)


def _is_address(host: str) -> bool:
    try:
        ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True
