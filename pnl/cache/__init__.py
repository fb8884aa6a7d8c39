"""What was answered once and is asked again: in this process, then in Redis, then made anew."""

from pnl.cache.layers import Layers
from pnl.cache.memory import Memory
from pnl.cache.version import version
from pnl.clock import Clock

__all__ = ["Layers", "open_cache"]


def open_cache(url: str | None, *, stream: str, settings: str, clock: Clock) -> Layers:
    """Return the cache of a process; nothing connects before it is asked for something.

    Args:
        url: Redis, see `pnl.redis.address`; None for none, and then this process keeps what it can alone.
        stream: The store's name.
        settings: What answers depend on beside the store and the program, as text.
        clock: The time.

    Raises:
        ConfigError: The address makes no sense.
    """
    name = f"{stream} {version()} {settings}"
    if not url:
        return Layers(Memory(), None, clock, name=name)
    from pnl.cache.shelf import Shelf  # noqa: PLC0415 - the Redis library weighs nothing where there is none

    return Layers(Memory(), Shelf(url, stream=stream, version=name, clock=clock), clock, name=name)
