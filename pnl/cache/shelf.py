"""The second layer: a Redis that several processes share. Whatever is wrong with it, it says that it has nothing."""

import threading
import time
import zlib
from collections.abc import Callable
from hashlib import blake2b
from random import Random
from typing import Final, Literal, TypeVar, cast

from redis import Redis
from redis.exceptions import AskError
from redis.exceptions import TimeoutError as RedisTimeout

from pnl.clock import Clock
from pnl.redis.breaker import COOL_DOWN_SECONDS, Breaker
from pnl.redis.client import TIMEOUT_SECONDS, Wire
from pnl.redis.health import RedisHealth

ITEMS: Final = 10_000
MOST_SECONDS: Final = 1800
"""No value stays longer, whatever is asked for."""
_LARGEST: Final = 2 * 1024 * 1024
_COMPRESSED_FROM: Final = 1024
_CHECK: Final = 12
_PLAIN, _PACKED = b"0", b"1"

T = TypeVar("T")


class TooSlow(RedisTimeout):
    """Redis answered, though so late that it counts as an outage."""


class Shelf:
    """Keeps values in Redis, each for at most half an hour, and of all of them the 10,000 that were used last.

    An attempt that fails, or takes longer than half a timeout, opens the breaker: then nothing is asked or
    kept until Redis is well.

    Args:
        url: See `pnl.redis.address`.
        stream: The store's name: values of demo data and of real data never meet.
        version: What else an answer depends on: the program and its settings.
        clock: The time.
        items: The most values that are kept, of all processes and versions.
        cool_down_seconds: See `Breaker`.
        random: See `Breaker`.

    Raises:
        ConfigError: The address makes no sense.
    """

    def __init__(
        self,
        url: str,
        *,
        stream: str,
        version: str,
        clock: Clock,
        items: int = ITEMS,
        cool_down_seconds: float = COOL_DOWN_SECONDS,
        random: Random | None = None,
    ) -> None:
        self._prefix = f"pnl:{{{stream}}}:kept:"
        self._used = f"pnl:{{{stream}}}:used"
        self._version = version
        self._items = items
        self._clock = clock
        self._wire = Wire(url, key=self._used)
        self._health = RedisHealth(clock)
        self._breaker = Breaker(
            self._probe, self._health, "caching", cool_down_seconds=cool_down_seconds, random=random
        )
        if not self._wire.found:
            self._breaker.look()

    def state(self) -> Literal["ok", "down"]:
        """Return whether the last attempt succeeded."""
        return self._health.state()

    def renew(self, url: str) -> None:
        """Make new connections by another address; see `Wire.renew`."""
        self._wire.renew(url)

    def get(self, key: tuple[str, ...]) -> bytes | None:
        """Return a value, exactly as it was put; None when there is none, or Redis cannot tell."""
        name = self._name(key)
        found = self._try(lambda redis: self._read(redis, name))
        return _unpacked(found, name) if found else None

    def put(self, key: tuple[str, ...], value: bytes, keep_seconds: float) -> None:
        """Keep a value for `keep_seconds` at most, if Redis is well."""
        if self._breaker.open or len(value) > _LARGEST:
            return
        name = self._name(key)
        packed = _packed(value, name)
        self._try(lambda redis: self._write(redis, name, packed, min(keep_seconds, MOST_SECONDS)))

    def close(self) -> None:
        """Let go of Redis."""
        self._breaker.close()
        self._wire.disconnect()

    def _name(self, key: tuple[str, ...]) -> bytes:
        told = blake2b(digest_size=16)
        for part in (self._version, *key):
            word = part.encode()
            told.update(b"%d:%b" % (len(word), word))
        return self._prefix.encode() + told.hexdigest().encode()

    def _try(self, do: Callable[[Redis], T]) -> T | None:
        if self._breaker.open:
            return None
        began = time.perf_counter()
        try:
            found = self._wire.call(do, looks=False)
            if (took := time.perf_counter() - began) > TIMEOUT_SECONDS / 2:
                raise TooSlow(f"an answer took {took * 1000:.0f} ms")
        except AskError:  # the key is on its way from one node of a cluster to another
            return None
        except Exception as error:  # noqa: BLE001 - a garbled answer raises anything; each is an outage
            self._breaker.failed(error)
        else:
            return found
        return None

    def _read(self, redis: Redis, name: bytes) -> bytes | None:
        with redis.pipeline(transaction=False) as line:
            line.get(name)
            line.zadd(self._used, {name: self._now()}, xx=True)
            return cast("bytes | None", line.execute()[0])

    def _write(self, redis: Redis, name: bytes, packed: bytes, keep_seconds: float) -> None:
        now = self._now()
        with redis.pipeline(transaction=False) as line:
            line.set(name, packed, px=max(1, round(keep_seconds * 1000)))
            line.zadd(self._used, {name: now})
            line.zremrangebyscore(self._used, "-inf", now - MOST_SECONDS)
            line.expire(self._used, MOST_SECONDS)
            line.zcard(self._used)
            count = int(line.execute()[-1])
        if count > self._items:
            self._drop(redis, count - self._items)

    def _drop(self, redis: Redis, count: int) -> None:
        """Let go of what was used least lately; the values first, so that none stays behind when this is cut short."""
        gone = cast("list[bytes]", redis.zrange(self._used, 0, count - 1))
        if gone:
            with redis.pipeline(transaction=False) as line:
                line.unlink(*gone)
                line.zrem(self._used, *gone)
                line.execute()

    def _probe(self) -> None:
        redis = self._wire.find()
        name = self._name(("probe", str(threading.get_ident())))
        began = time.perf_counter()
        redis.set(name, b"1", px=1000)
        if redis.get(name) != b"1":
            raise ValueError("redis does not give back what it was given")
        if (took := time.perf_counter() - began) > TIMEOUT_SECONDS:
            raise TooSlow(f"an answer took {took * 1000:.0f} ms")

    def _now(self) -> float:
        return self._clock.now().timestamp()


def _packed(value: bytes, name: bytes) -> bytes:
    """Return a value for Redis: how it is written, a check, and the value, compressed where that pays."""
    form, body = _PLAIN, value
    if len(value) >= _COMPRESSED_FROM and len(small := zlib.compress(value, 1)) < len(value):
        form, body = _PACKED, small
    return form + _check(name, form + body) + body


def _unpacked(packed: bytes, name: bytes) -> bytes | None:
    """Return the value again; None where a bit of it was turned over, or it was kept under another name."""
    form, check, body = packed[:1], packed[1 : 1 + _CHECK], packed[1 + _CHECK :]
    if check != _check(name, form + body):
        return None
    return zlib.decompress(body) if form == _PACKED else body


def _check(name: bytes, body: bytes) -> bytes:
    return blake2b(body, digest_size=_CHECK, key=name[-32:]).digest()
