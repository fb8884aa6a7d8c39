"""The ticks of the process that leads, for all others: one bounded Redis Stream, one reader a process."""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Final, Literal, cast

import structlog
from redis import Redis
from redis.typing import EncodableT, FieldT

from pnl.clock import Clock
from pnl.redis.client import Wire
from pnl.redis.health import RedisHealth

log = structlog.get_logger(__name__)

KEPT: Final = 120
"""How many of the newest bells Redis keeps, at least; it drops older ones by the hundred."""
COOL_DOWN_SECONDS: Final = 1.0
"""For so long after a failure nothing is sent: what comes then is stale by the time Redis is well."""
TIMEOUT_SECONDS: Final = 0.25
"""For a connection and for an answer; only threads of its own wait."""
BLOCK_SECONDS: Final = 1.0
"""How long one reading waits for a bell; a server that says nothing a second later is gone."""
RETRY_SECONDS: Final = 0.25
MOST_RETRY_SECONDS: Final = 5.0
_MOST_UNSENT: Final = 16
_CLOSE_SECONDS: Final = 1.0
_CLOSE_ATTEMPTS: Final = 20
_START: Final = b"0-0"

_Entry = tuple[bytes, dict[bytes, bytes]]
_Fields = dict[FieldT, EncodableT]


@dataclass(frozen=True, slots=True)
class Bell:
    """A tick, as it is told to the other processes.

    Attributes:
        seq: Its sequence.
        base: The sequence that its delta applies to.
        epoch: The term of whoever led; a newer leader's is higher.
        text: The delta's message.
    """

    seq: int
    base: int
    epoch: int
    text: str

    @property
    def order(self) -> tuple[int, int]:
        """Its place among all bells: a later term's come after, whatever a leader who was replaced still sends."""
        return self.epoch, self.seq


class Relay:
    """Sends bells to the other processes, and hands out theirs.

    Redis may be down, slow or wrong at any time: then bells are lost, and a receiver sees it by `base`
    and reads the store. Both ways run in threads of their own, so that nobody waits for Redis.

    Args:
        url: See `pnl.redis.address`.
        stream: The store's name: bells of demo data and of real data never meet.
        clock: Measures how long Redis has been down.
        random: Spreads the attempts of many readers; None for one of its own.

    Raises:
        ConfigError: The address makes no sense.
    """

    def __init__(self, url: str, *, stream: str, clock: Clock, random: Random | None = None) -> None:
        self._key = f"pnl:{{{stream}}}:live"
        self._random = random or Random()  # noqa: S311 - it spreads waits, and keeps no secret
        self._health = RedisHealth(clock)
        self._clock = clock
        self._writer = Wire(url, key=self._key, timeout_seconds=TIMEOUT_SECONDS, connect_seconds=TIMEOUT_SECONDS)
        self._reader = Wire(url, key=self._key, timeout_seconds=BLOCK_SECONDS + 1, connect_seconds=TIMEOUT_SECONDS)
        self._closing = threading.Event()
        self._unsent: deque[Bell] = deque(maxlen=_MOST_UNSENT)
        self._changed = threading.Condition()
        self._sending: threading.Thread | None = None
        self._listening: threading.Thread | None = None
        self._after = _START
        self._heard = (0, 0)
        self._sent_epoch = 0
        self._malformed = False

    def state(self) -> Literal["ok", "down"]:
        """Return whether the last attempts to send and to read both succeeded."""
        return self._health.state()

    def renew(self, url: str) -> None:
        """Make new connections by another address; see `Wire.renew`."""
        self._writer.renew(url)
        self._reader.renew(url)

    def send(self, seq: int, base: int, epoch: int, text: str) -> None:
        """Tell the other processes of a tick. Returns at once; while Redis is down the bell is lost."""
        with self._changed:
            if self._closing.is_set():
                return
            if self._sending is None:
                self._sending = threading.Thread(target=self._send_all, name="relay-sender", daemon=True)
                self._sending.start()
            self._unsent.append(Bell(seq, base, epoch, text))
            self._changed.notify()

    def history(self) -> list[Bell]:
        """Return the bells that Redis keeps, oldest first; none when it does not answer.

        Called before `listen`, which then goes on after them; otherwise `listen` begins with them.
        """
        try:
            entries = self._newest(self._writer)
        except Exception as error:  # noqa: BLE001 - a garbled answer raises anything; without history it works too
            self._health.failed("reading", error)
            return []
        self._health.worked("reading")
        bells = self._bells(entries, (0, 0))
        if self._listening is None and bells:
            self._after, self._heard = entries[-1][0], bells[-1].order
        return bells

    def listen(self, received: Callable[[Bell], None], lost: Callable[[], None]) -> None:
        """Have each bell handed to `received`, in order, from now until `close`.

        Both are called in the reader's thread. Each bell is newer than the one before (see `Bell.order`), but
        some may be missing: after an outage, or when Redis lost what it had.

        Args:
            received: Takes a bell.
            lost: Is told that bells are not coming, once until one comes or Redis answers again.
        """
        self._listening = threading.Thread(target=self._listen, args=(received, lost), name="relay-reader", daemon=True)
        self._listening.start()

    def close(self) -> None:
        """Send what waits, and end both threads, also one that waits for an answer."""
        with self._changed:
            self._closing.set()
            self._changed.notify()
        if self._sending is not None:
            self._sending.join(_CLOSE_SECONDS)
        if self._listening is not None:
            for _ in range(_CLOSE_ATTEMPTS):  # pragma: no branch - runs out only while a host's name is looked up
                if not self._listening.is_alive():
                    break
                self._reader.disconnect()  # again and again: it may have been about to connect
                self._listening.join(_CLOSE_SECONDS / _CLOSE_ATTEMPTS)
        self._writer.disconnect()
        self._reader.disconnect()

    def _send_all(self) -> None:
        rests_until = 0.0
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._unsent or self._closing.is_set())
                if not self._unsent:
                    return
                bell = self._unsent.popleft()
            if self._clock.monotonic() < rests_until:
                continue
            self._sent_epoch = bell.epoch
            fields: _Fields = {"seq": bell.seq, "base": bell.base, "epoch": bell.epoch, "text": bell.text}
            try:
                self._writer.call(partial(self._add, fields))
            except Exception as error:  # noqa: BLE001 - a garbled answer raises a plain ValueError
                rests_until = self._clock.monotonic() + COOL_DOWN_SECONDS
                self._health.failed("sending", error)
            else:
                self._health.worked("sending")

    def _listen(self, received: Callable[[Bell], None], lost: Callable[[], None]) -> None:
        failures, told = 0, False
        while not self._closing.is_set():
            try:
                entries = self._missed()
                while True:  # until `close` takes the connection away
                    for bell in self._bells(entries, self._heard):
                        self._heard = bell.order
                        if bell.epoch > self._sent_epoch:
                            self._health.worked("sending")  # another leads: what was not sent counts no more
                        _tell(received, bell)
                        told = False
                    entries = self._next()
                    self._health.worked("reading")
                    failures, told = 0, False
            except Exception as error:  # noqa: BLE001 - a garbled answer raises anything; each is an outage
                if self._closing.is_set():
                    return
                self._health.failed("reading", error)
                if not told:
                    _tell(lost)
                failures, told = failures + 1, True
                most = min(MOST_RETRY_SECONDS, RETRY_SECONDS * 2 ** min(failures, 10))
                self._closing.wait(self._random.uniform(0, most))

    def _missed(self) -> list[_Entry]:
        """Return what came since the last entry; all there is when Redis has begun anew, or its clock went back."""
        entries = self._newest(self._reader)
        newest = entries[-1][0] if entries else _START
        last, self._after = self._after, newest
        if _place(newest) < _place(last):
            return entries
        return [each for each in entries if _place(each[0]) > _place(last)]

    def _next(self) -> list[_Entry]:
        """Wait for entries after the last one; return none when none came in time."""
        answer = self._reader.call(
            lambda redis: redis.xread({self._key: self._after}, block=round(BLOCK_SECONDS * 1000))
        )
        streams = cast("list[tuple[bytes, list[_Entry]]]", answer)
        entries = streams[0][1] if streams else []
        if entries:
            self._after = entries[-1][0]
        return entries

    def _newest(self, wire: Wire) -> list[_Entry]:
        return cast("list[_Entry]", wire.call(lambda redis: redis.xrevrange(self._key, count=KEPT)))[::-1]

    def _add(self, fields: _Fields, redis: Redis) -> None:
        redis.xadd(self._key, fields, maxlen=KEPT)

    def _bells(self, entries: list[_Entry], last: tuple[int, int]) -> list[Bell]:
        """Return the bells of `entries` that are newer than the `order` given, each newer than the one before."""
        bells = []
        for _, fields in entries:
            try:
                seq, base, epoch = (int(fields[name]) for name in (b"seq", b"base", b"epoch"))
                bell = Bell(seq, base, epoch, fields[b"text"].decode())
            except (KeyError, ValueError) as error:
                if not self._malformed:
                    self._malformed = True
                    log.warning("malformed entry in redis left out; later ones too", key=self._key, error=repr(error))
                continue
            if bell.order > last:
                last = bell.order
                bells.append(bell)
        return bells


def _tell(whom: Callable[..., None], *what: Bell) -> None:
    try:
        whom(*what)
    except Exception:
        log.exception("a bell was not taken")


def _place(entry_id: bytes) -> tuple[int, int]:
    """Return where an entry stands in its stream, from its id: milliseconds and a count."""
    ms, _, count = entry_id.partition(b"-")
    return int(ms), int(count)
