"""What the commands about people and tokens share: the store that they are kept in."""

from collections.abc import Iterator
from contextlib import contextmanager

from pnl.config import Settings
from pnl.store import open_store
from pnl.store.accounts import SqlAccounts


@contextmanager
def accounts() -> Iterator[SqlAccounts]:
    """Give the accounts that the settings in force name; the store is made if there is none."""
    settings = Settings.load()
    store = open_store(settings.database_url, demo=settings.demo, zone=settings.zone)
    try:
        yield store.accounts()
    finally:
        store.close()
