"""What can go wrong, on demand: faults of the wire, and lies of the world. Safe from any thread.

A wire fault is laid on a vendor (`kalshi`, `anthropic`, `revenue`, `stripe`) and, if wanted, on a
path prefix, for the next few requests or until it is cleared::

    sandbox.faults.lay("kalshi", Status(502), path="/portfolio/fills", times=2)
    sandbox.faults.lay("anthropic", Status(429, retry_after="30"))
    sandbox.faults.clear("anthropic")

The newest fault that matches a request is the one it meets.
"""

from dataclasses import dataclass, field
from threading import Event, RLock
from typing import Literal, TypeAlias

Vendor: TypeAlias = Literal["kalshi", "anthropic", "revenue", "stripe"]


@dataclass(frozen=True, slots=True)
class Status:
    """Answer with this status and the vendor's own error body; 502 comes as a proxy's HTML page."""

    code: int
    retry_after: str | None = None


@dataclass(frozen=True, slots=True)
class Hang:
    """Say nothing for so long (or until the sandbox stops), then close the connection."""

    seconds: float = 30.0


@dataclass(frozen=True, slots=True)
class SlowDrip:
    """Send the true answer a few bytes at a time."""

    seconds_between: float = 0.2
    size: int = 16


@dataclass(frozen=True, slots=True)
class Reset:
    """Break the connection without an answer."""


@dataclass(frozen=True, slots=True)
class Truncated:
    """Send half of the true answer, as if it were all."""


@dataclass(frozen=True, slots=True)
class HtmlPage:
    """Answer 200 with a web page."""


@dataclass(frozen=True, slots=True)
class NanBody:
    """Answer 200 with JSON whose numbers are NaN."""


@dataclass(frozen=True, slots=True)
class GzipBomb:
    """Answer 200 with a small gzip body that unpacks to so many bytes."""

    unpacked: int = 64_000_000


@dataclass(frozen=True, slots=True)
class HugeBody:
    """Answer 200 with so many bytes of JSON."""

    size: int = 32_000_000


@dataclass(frozen=True, slots=True)
class RepeatedCursor:
    """Always answer the first page, and always promise another under the same cursor."""


@dataclass(frozen=True, slots=True)
class Raw:
    """Send these bytes as they stand, one by one where time passes between them, then close the connection."""

    data: bytes
    seconds_between: float = 0.0


@dataclass(frozen=True, slots=True)
class Altered:
    """Send the true answer with one text in the place of another, `times` times or wherever it is."""

    old: bytes
    new: bytes
    times: int = -1


Fault: TypeAlias = (
    Status
    | Hang
    | SlowDrip
    | Reset
    | Truncated
    | HtmlPage
    | NanBody
    | GzipBomb
    | HugeBody
    | RepeatedCursor
    | Raw
    | Altered
)


@dataclass(slots=True)
class _Laid:
    vendor: Vendor
    fault: Fault
    path: str
    left: int | None


@dataclass(slots=True)
class Faults:
    """The switches. World defects are plain attributes; read and set them at any time.

    Attributes:
        position_lag_seconds: Positions are reported as they were so long ago.
        hidden_fills: Ids of fills that no list shows, though cash and positions have them.
        hidden_fills_of: Tickers whose fills are archived away for good.
        skew_seconds: How far a signature's timestamp may be off.
        read_bucket: Kalshi's read tokens as (refill a second, capacity); None for no limit.
        trading_paused: The exchange is in its maintenance pause.
        float_amounts: The revenue feed sends amounts as JSON numbers.
        stale_as_of_seconds: The revenue feed's `as_of` is so old.
        analytics_refused: The organisation is not enrolled for Anthropic's analytics.
        analytics_lag_seconds: How far `data_refreshed_at` is behind.
    """

    position_lag_seconds: float = 0.0
    hidden_fills: set[str] = field(default_factory=set)
    hidden_fills_of: set[str] = field(default_factory=set)
    skew_seconds: float = 20.0
    read_bucket: tuple[int, int] | None = (200, 600)
    trading_paused: bool = False
    float_amounts: bool = False
    stale_as_of_seconds: float = 0.0
    analytics_refused: bool = False
    analytics_lag_seconds: float = 300.0
    stopped: Event = field(default_factory=Event)
    _laid: list[_Laid] = field(default_factory=list)
    _met: dict[Vendor, int] = field(default_factory=dict)
    _lock: RLock = field(default_factory=RLock)

    def lay(self, vendor: Vendor, fault: Fault, *, path: str = "/", times: int | None = None) -> None:
        """Let requests to `vendor` whose path (with or without the API's prefix) starts so meet `fault`.

        Args:
            times: How many requests; None until it is cleared.
        """
        with self._lock:
            self._laid.append(_Laid(vendor, fault, path, times))

    def clear(self, vendor: Vendor | None = None) -> None:
        """Take away the wire faults of one vendor, or of all."""
        with self._lock:
            self._laid = [laid for laid in self._laid if vendor not in {None, laid.vendor}]

    def meet(self, vendor: Vendor, path: str, short_path: str) -> Fault | None:
        """Return the fault that a request meets, counting it; None for a plain answer."""
        with self._lock:
            self._met[vendor] = self._met.get(vendor, 0) + 1
            for laid in reversed(self._laid):
                if laid.vendor == vendor and (path.startswith(laid.path) or short_path.startswith(laid.path)):
                    if laid.left is not None:
                        laid.left -= 1
                        if laid.left == 0:
                            self._laid.remove(laid)
                    return laid.fault
            return None

    def requests(self, vendor: Vendor) -> int:
        """Return how many requests a vendor's server has had."""
        with self._lock:
            return self._met.get(vendor, 0)

    def hide_fill(self, fill_id: str) -> None:
        """Let one fill be missing from every list."""
        with self._lock:
            self.hidden_fills.add(fill_id)

    def hide_fills_of(self, ticker: str) -> None:
        """Let all fills of a market be archived away."""
        with self._lock:
            self.hidden_fills_of.add(ticker)

    def hides(self, fill_id: str, ticker: str) -> bool:
        """Tell whether a fill is missing."""
        return fill_id in self.hidden_fills or ticker in self.hidden_fills_of
