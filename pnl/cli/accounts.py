"""What the commands about people and tokens share: the store that they are kept in."""

from collections.abc import Iterator
from contextlib import contextmanager

from pnl.config import Settings
from pnl.desk.lost import refuse_lost
from pnl.store import open_store
from pnl.store.accounts import SqlAccounts


@contextmanager
def accounts() -> Iterator[SqlAccounts]:
    """Give the accounts that the settings in force name; the store is made if there never was one.

    Raises:
        StoreError: It cannot be opened, or is lost.
    """
    settings = Settings.load(when_used=True)
    refuse_lost(settings)
    store = open_store(settings.database_url, demo=settings.demo, zone=settings.zone)
    try:
        yield store.accounts()
    finally:
        store.close()
