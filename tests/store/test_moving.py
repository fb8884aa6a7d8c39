"""A store that is copied into another database: whole, compared, and going on where it was; or not at all."""

import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from pnl.cli import main
from pnl.domain.records import Market
from pnl.errors import StoreError, StoreMismatch
from pnl.ports import Gap
from pnl.store import SqlStore, claim_of, open_store, schema
from pnl.store.moving import move
from tests.store.making import a_fill, a_mark, a_sale, a_tick, an_entry, at
from tests.store.outside import emptied, outside, rows_of, told

MOVE = """
import sys
from pnl.store.moving import move
def tell(line):
    print(line, flush=True)
    if line == sys.argv[3]:
        sys.stdin.readline()
move(sys.argv[1], sys.argv[2], tell)
"""


@pytest.fixture
def target(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """Return the URL of an empty database of the other kind."""
    if kind == "postgresql":
        return f"sqlite:///{tmp_path / 'copy.db'}"
    found: str = request.getfixturevalue("plain_postgres_url")
    return found


def lively(store: SqlStore, ticks: int = 12) -> None:
    """Keep something in every table that a tick writes to."""
    market = Market(ticker="KXA", event_ticker="KXE", title='ö"\\\t\n\\.,', close_time=None)
    store.keep(replace(a_tick(1), markets=(market,)))
    for seq in range(2, ticks):
        gap = Gap(since=at(seq), until=at(10 * seq), missed=1, reason="asleep") if seq % 5 == 0 else None
        records = store.sort([a_fill(f"f-{seq}", after=seq), a_sale("s", str(seq), version=seq)]).new
        store.keep(a_tick(seq, *records, marks=(a_mark("KXA", f"0.{seq:02}", after=seq),), gap=gap, checks="[]"))
    for number in range(3):
        store.enter(an_entry(f"inv-{number}", "1"), replaces=None, actor="ann", at=at(1))


def contents(url: str) -> dict[str, list[tuple[object, ...]]]:
    """Return every row of every table, in the order of its key."""
    found = {}
    for name, table in schema.metadata.tables.items():
        keys = ", ".join(column.name for column in table.primary_key)
        columns = ", ".join(column.name for column in table.c)
        found[name] = told(url, f"SELECT {columns} FROM {name} ORDER BY {keys}")  # noqa: S608 - tables, columns and numbers of our own code, nothing from outside
    return found


def test_everything_arrives_and_goes_on_where_it_was(store: SqlStore, url: str, target: str) -> None:
    lively(store)
    store.close()

    moved = move(url, target, lambda _line: None)

    assert moved.whole
    assert contents(target) == contents(url)
    assert {table.table: table.rows for table in moved.tables} == {
        name: len(rows) for name, rows in contents(url).items()
    }
    there = open_store(target, demo=False)
    there.lead()
    last = there.last_record()
    there.keep(a_tick(there.head() + 1, *there.sort([a_fill("new")]).new))
    there.enter(an_entry("inv-9", "9"), replaces=None, actor="ann", at=at(9))
    assert [record.id for record in there.records_after(last)[0]] == ["new", "inv-9"]
    assert (moved.stream, moved.seq) == (there.stream(), there.head() - 1)
    assert there.damage() == ()
    there.close()


def test_there_and_back_is_the_same(store: SqlStore, url: str, target: str, tmp_path: Path) -> None:
    lively(store)
    store.close()
    before = contents(url)

    move(url, target, lambda _line: None)
    if url.startswith("postgresql"):
        emptied(url)
        back = url
    else:
        back = f"sqlite:///{tmp_path / 'back.db'}"
    move(target, back, lambda _line: None)

    assert contents(back) == before


def test_what_was_copied_cannot_be_changed_there(store: SqlStore, url: str, target: str) -> None:
    lively(store)
    store.close()
    move(url, target, lambda _line: None)

    with pytest.raises(Exception, match="record is append-only"), outside(target) as connection:
        connection.execute(text("UPDATE record SET raw = 'x'"))


def test_the_command_says_what_it_copied(
    store: SqlStore, url: str, target: str, capsys: pytest.CaptureFixture[str]
) -> None:
    lively(store)
    store.close()

    assert main(["migrate-store", url, target]) == 0

    said = capsys.readouterr().out
    ((stream,),) = told(target, "SELECT value FROM about WHERE name = 'stream'")
    assert f"series {stream}, up to snapshot 11" in said
    assert [line.split()[-2:] for line in said.splitlines() if line.startswith("record ")] == [["the", "same"]]
    assert "Do not run SRC any more" in said


def test_the_command_says_why_it_refuses(
    url: str, target: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["migrate-store", f"sqlite:///{tmp_path / 'none.db'}", target]) == 2
    assert main(["migrate-store", url, "mysql://ann:canary@h/pnl"]) == 2

    said = capsys.readouterr().err
    assert "none.db is not there: there is nothing to copy" in said
    assert "names no SQLite file" in said
    assert "canary" not in said
    assert is_empty(target)


def test_a_target_with_something_in_it_is_left_alone(store: SqlStore, url: str, target: str) -> None:
    store.close()
    other = open_store(target, demo=True)
    stream = other.stream()
    other.close()

    with pytest.raises(StoreMismatch, match=r"not empty|there already"):
        move(url, target, lambda _line: None)

    again = open_store(target, demo=True)
    assert again.stream() == stream
    again.close()


def test_a_store_is_not_copied_into_itself(store: SqlStore, url: str) -> None:
    store.close()

    with pytest.raises(StoreError):
        move(url, url, lambda _line: None)

    open_store(url, demo=False).close()


def test_a_source_that_ticks_is_refused(store: SqlStore, url: str, target: str) -> None:
    store.keep(a_tick(1))
    claim = claim_of(url)
    assert claim.take()

    with pytest.raises(StoreMismatch, match=r"makes ticks in .*: stop it first"):
        move(url, target, lambda _line: None)

    claim.release()


def test_nothing_is_entered_while_it_is_copied(store: SqlStore, url: str, target: str) -> None:
    tried: list[str] = []

    def tell(line: str) -> None:
        if line == "copying snapshot":
            with pytest.raises(StoreError) as refused:
                store.enter(an_entry("inv-1", "1"), replaces=None, actor="ann", at=at(1))
            tried.append(str(refused.value))

    move(url, target, tell)

    assert len(tried) == 1
    assert contents(target)["audit"] == []


@pytest.mark.parametrize(("revision", "cure"), [("9999", "install the newer version"), ("0002", "start this version")])
def test_a_source_of_another_version_is_refused(
    store: SqlStore, url: str, target: str, revision: str, cure: str
) -> None:
    store.close()
    with outside(url) as connection:
        connection.execute(text(f"UPDATE alembic_version SET version_num = '{revision}'"))  # noqa: S608 - tables, columns and numbers of our own code, nothing from outside

    with pytest.raises(StoreMismatch, match=cure):
        move(url, target, lambda _line: None)

    assert is_empty(target)


def test_a_source_without_a_store_is_refused(
    kind: str, target: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    source = f"sqlite:///{tmp_path / 'pnl.db'}" if kind == "sqlite" else request.getfixturevalue("plain_postgres_url")

    with pytest.raises(StoreError, match="nothing to copy"):
        move(source, target, lambda _line: None)

    assert is_empty(target)
    assert not (tmp_path / "pnl.db").exists()


def is_empty(url: str) -> bool:
    if url.startswith("sqlite:///"):
        path = Path(url.removeprefix("sqlite:///"))
        return not list(path.parent.glob(f"{path.name}*"))
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (0,)


def test_a_copy_that_is_killed_leaves_nothing(store: SqlStore, url: str, target: str) -> None:
    lively(store)
    store.close()
    with subprocess.Popen(
        [sys.executable, "-c", MOVE, url, target, "copying snapshot"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        while process.stdout.readline().strip() != "copying snapshot":
            assert process.poll() is None
        process.send_signal(signal.SIGKILL)

    assert not Path(target.removeprefix("sqlite:///")).exists()
    assert move(url, target, lambda _line: None).whole
    assert contents(target) == contents(url)


def test_a_copy_that_is_not_the_same_is_not_kept(
    tmp_path: Path, plain_postgres_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    source = f"sqlite:///{tmp_path / 'pnl.db'}"
    with_marks = open_store(source, demo=False)
    with_marks.lead()
    lively(with_marks)
    with_marks.close()
    spoil(plain_postgres_url)

    assert main(["migrate-store", source, plain_postgres_url]) == 1

    said = capsys.readouterr().out
    assert [line.split()[0] for line in said.splitlines() if " rows, " in line] == ["mark"]
    assert "nothing of it was kept" in said
    assert is_empty(plain_postgres_url)


def spoil(url: str) -> None:
    """Have a PostgreSQL write other quotes than it is told to."""
    with psycopg.connect(url) as connection:
        connection.execute(
            """
            CREATE FUNCTION worse() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN NEW.yes_bid_n := NEW.yes_bid_n - 1; RETURN NEW; END $$;
            CREATE FUNCTION spoil() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
                IF EXISTS (SELECT FROM pg_event_trigger_ddl_commands() WHERE object_identity = 'public.mark') THEN
                    CREATE TRIGGER worse BEFORE INSERT ON mark FOR EACH ROW EXECUTE FUNCTION worse();
                END IF;
            END $$;
            CREATE EVENT TRIGGER spoils ON ddl_command_end WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION spoil();
            """
        )


def test_a_text_that_postgresql_cannot_hold_is_told(tmp_path: Path, plain_postgres_url: str) -> None:
    source = f"sqlite:///{tmp_path / 'pnl.db'}"
    store = open_store(source, demo=False)
    store.lead()
    store.keep(a_tick(1, *store.sort([replace(a_fill("f-1"), raw="a\0b")]).new))
    store.close()

    with pytest.raises(StoreError, match=r"NUL"):
        move(source, plain_postgres_url, lambda _line: None)

    assert is_empty(plain_postgres_url)


def test_the_copied_rows_are_told_by_table(store: SqlStore, url: str, target: str) -> None:
    store.keep(a_tick(1, *store.sort([a_fill("f-1")]).new))
    store.close()

    tables = {table.table: table for table in move(url, target, lambda _line: None).tables}

    assert tables["record"].rows == len(rows_of(url, "record")) == 1
    assert tables["record"].digest != tables["snapshot"].digest
