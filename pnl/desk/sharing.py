"""How the feed of this process knows what others have sent: from the store, and by Redis from processes that run."""

from typing import TYPE_CHECKING, Final

from pnl.aggregator.follower import Follower
from pnl.aggregator.leadership import Leadership
from pnl.clock import Clock
from pnl.live.feed import Feed
from pnl.live.messages import Message
from pnl.ports import Store

if TYPE_CHECKING:
    from pnl.live.relay import Relay

RECALLED: Final = 100
RECALLED_BYTES: Final = 2_000_000
"""So many snapshots are looked at when a process starts, or fewer where they are large."""


def recall(store: Store, feed: Feed) -> None:
    """Have the feed know what led to the newest snapshot, for those who read from a process that has ended."""
    recent, size = [], 0
    for seq, text in reversed(store.recent(store.head() - RECALLED)):
        size += len(text)
        if size > RECALLED_BYTES:
            break
        recent.append((seq, text))
    for seq, text in reversed(recent):
        feed.publish(seq, text)


def share(url: str, feed: Feed, follower: Follower, leadership: Leadership | None, clock: Clock) -> "Relay":
    """Join the stream of ticks that processes share: hear of others' at once, and tell of ours."""
    from pnl.live.relay import Relay  # noqa: PLC0415 - the Redis library weighs nothing where there is none

    relay = Relay(url, stream=feed.stream, clock=clock)
    feed.recall([Message(bell.seq, bell.text, bell.base, marked=True) for bell in relay.history()])
    relay.listen(lambda _bell: follower.ring(), follower.ring)

    def tell(message: Message) -> None:
        if leadership and leadership.term and message.base is not None:
            relay.send(message.seq, message.base, leadership.epoch, message.text)

    feed.follow(tell)
    return relay
