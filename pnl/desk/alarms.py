"""Alerts, as the settings say: what looks at the rules with every tick, and what sends."""

from random import SystemRandom

from pnl.alerts.book import Book
from pnl.alerts.post import Post
from pnl.alerts.sending import Sender
from pnl.alerts.watch import High, Watch
from pnl.clock import Clock
from pnl.config import Settings
from pnl.store import SqlStore


def post_of(settings: Settings, store: SqlStore, clock: Clock) -> Post:
    """Return what sends alerts, with the rules in force taken up.

    Raises:
        StoreError: The store does not answer.
    """
    kept = store.alerts()
    book = Book(kept, settings.alerts_file, clock, home(settings))
    book.begin()
    sender = Sender(clock=clock, series=store.stream())
    return Post(kept, book, sender, clock=clock, random=SystemRandom())


def watch_of(settings: Settings, store: SqlStore, book: Book) -> Watch:
    """Return what looks at the rules with every tick.

    Raises:
        StoreError: The store does not answer.
    """
    last = store.last_row()
    high = High(last.day, store.highest(last.day)) if last else High()
    return Watch(
        store.alerts(),
        lambda: book.in_force,
        budget=settings.budget_api_monthly,
        interval_seconds=settings.interval_seconds,
        high=high,
    )


def home(settings: Settings) -> str:
    """Return where our pages are opened on this machine."""
    return f"http://{settings.address}"
