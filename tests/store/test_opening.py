import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from pnl.errors import ConfigError, StoreError, StoreMismatch
from pnl.store import SqlStore, open_store, schema
from pnl.store.engine import cured
from pnl.store.migrate import SCRIPTS, migrate, revisions
from tests.empty_books import empty_file
from tests.store.making import a_fill, a_tick, an_entry, at
from tests.store.outside import engine_of, outside, told

NOBODY = 65534


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@contextmanager
def as_nobody() -> Iterator[None]:
    """Lose the rights of root, to whom no folder is read-only."""
    was = os.geteuid()
    if was == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(was)


def test_the_files_are_for_this_user_alone(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'new' / 'pnl.db'}", demo=False)
    store.lead()
    store.keep(a_tick(1))

    assert mode(tmp_path / "new") == 0o700
    assert {path.name: mode(path) for path in (tmp_path / "new").iterdir()} == dict.fromkeys(
        ("pnl.db", "pnl.db-wal", "pnl.db-shm", "pnl.db.making"), 0o600
    )
    store.close()


def test_the_newest_schema_is_that_of_the_newest_script_as_alembic_has_it(store: SqlStore, url: str) -> None:
    scripts = ScriptDirectory(str(SCRIPTS))
    head = scripts.get_current_head()

    assert all(Path(one.path).name.startswith(f"{one.revision}_") for one in scripts.walk_revisions())
    engine = engine_of(url)
    with engine.begin() as connection:
        assert revisions(connection) == (head, head)
    engine.dispose()
    store.close()


def test_a_start_that_has_nothing_to_migrate_loads_nothing_to_migrate_with(tmp_path: Path) -> None:
    url = empty_file(tmp_path / "pnl.db")
    opens = "import sys; from pnl.store import open_store; open_store(sys.argv[1], demo=False); print(*sys.modules)"

    loaded = subprocess.run([sys.executable, "-c", opens, url], capture_output=True, text=True, check=True).stdout

    assert "sqlalchemy" in loaded.split()
    assert "alembic" not in loaded.split()


def test_a_restart_finds_everything(store: SqlStore, url: str) -> None:
    store.keep(a_tick(1, *store.sort([a_fill("f-1")]).new))
    entry = store.enter(an_entry("inv-1", "5"), replaces=None, actor="ann", at=at(11))
    before = (store.current(), store.last_row(), list(store.facts("fill", "revenue")), store.audit("inv-1"))
    store.close()

    again = open_store(url, demo=False)
    again.lead()

    assert (again.current(), again.last_row(), list(again.facts("fill", "revenue")), again.audit("inv-1")) == before
    assert again.entries() == (entry,)
    assert again.sort([a_fill("f-1")]).new == ()
    again.close()


def test_demo_data_and_real_data_never_mix(store: SqlStore, url: str) -> None:
    store.close()

    with pytest.raises(StoreMismatch, match=r"real data.*PNL_DATA_DIR"):
        open_store(url, demo=True)

    open_store(url, demo=False).close()


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "nonsense", "mysql://x/y"])
def test_a_url_that_names_no_file_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match=r"write sqlite:///folder/name\.db"):
        open_store(url, demo=False)


def test_a_password_in_a_url_is_not_repeated() -> None:
    with pytest.raises(ConfigError) as refused:
        open_store("mysql://ann:secret@host/pnl", demo=False)

    assert "secret" not in str(refused.value)


def test_a_folder_that_cannot_be_written_to_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o500)

    with as_nobody(), pytest.raises(StoreError, match=r"locked.*PNL_DATA_DIR"):
        open_store(f"sqlite:///{folder / 'pnl.db'}", demo=False)


def test_a_file_in_the_place_of_the_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")

    with pytest.raises(StoreError, match="cannot be written to"):
        open_store(f"sqlite:///{tmp_path / 'taken' / 'pnl.db'}", demo=False)


def test_a_folder_in_the_place_of_the_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "pnl.db").mkdir()

    with pytest.raises(StoreError, match="cannot be written to"):
        open_store(f"sqlite:///{tmp_path / 'pnl.db'}", demo=False)


def test_what_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "pnl.db").write_text("my diary\n" * 500)

    with pytest.raises(StoreError, match="damaged"):
        open_store(f"sqlite:///{tmp_path / 'pnl.db'}", demo=False)

    assert (tmp_path / "pnl.db").read_text().startswith("my diary")


def test_the_migrations_make_the_schema_of_the_code(url: str) -> None:
    engine = engine_of(url)
    migrate(engine, demo=False)

    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), schema.metadata) == []
    engine.dispose()


def test_a_newer_database_is_refused_and_left_alone(store: SqlStore, url: str) -> None:
    store.close()
    with outside(url) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(StoreMismatch, match=r"9999.*newer"):
        open_store(url, demo=False)

    assert told(url, "SELECT version_num FROM alembic_version") == [("9999",)]


@pytest.mark.parametrize(
    ("version", "has_cure"),
    [
        ((3, 53, 4), True),
        ((3, 51, 3), True),
        ((3, 51, 2), False),
        ((3, 50, 7), True),
        ((3, 50, 6), False),
        ((3, 45, 1), False),
        ((3, 44, 6), True),
        ((3, 40, 1), False),
    ],
)
def test_a_library_that_can_corrupt_the_log_is_known(version: tuple[int, ...], has_cure: bool) -> None:
    assert cured(version) is has_cure
