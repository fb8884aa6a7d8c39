"""A store of its own for a test that asks for one, in a SQLite file and in a PostgreSQL, as tests of the store have."""

from tests.store.conftest import kind, store, url

__all__ = ["kind", "store", "url"]
