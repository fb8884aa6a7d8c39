"""What database the archive is in."""

from pnl.metrics.instruments import QUERY
from pnl.metrics.window import counted
from pnl.store.store import SqlStore


def test_a_store_tells_its_database_and_its_size(store: SqlStore) -> None:
    found = store.about()

    assert found.database.partition(" ")[0] in {"SQLite", "PostgreSQL"}
    assert found.database.partition(" ")[2][0].isdigit()
    assert found.bytes > 50_000


def test_every_statement_is_measured(store: SqlStore) -> None:
    before = counted(QUERY)[-1]

    store.head()

    assert counted(QUERY)[-1] > before
