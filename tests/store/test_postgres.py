"""What only a PostgreSQL does: sessions that end, locks of others, rights, encodings, an order of its own for texts."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from pnl.errors import ConfigError, Deposed, StoreError, StoreUnavailable
from pnl.store import SqlStore, open_store
from pnl.store.postgres import WRITE_KEY
from tests.proxy import Proxy
from tests.services import PostgresServer
from tests.store.listening import listening, waits
from tests.store.making import a_fill, a_mark, a_settlement, a_tick, an_entry, at
from tests.store.outside import told

FROZEN_IN_A_WRITE = """
import os, signal, sys
from pnl.errors import StoreError
from pnl.store import open_store, postgres, ticks
from tests.store.making import a_tick
postgres.IDLE_SECONDS = 1
store = open_store(sys.argv[1], demo=False)
store.lead()
store.keep(a_tick(1))
write = ticks.write
def stop(*args, **kwargs):
    write(*args, **kwargs)
    print("in the middle", flush=True)
    os.kill(os.getpid(), signal.SIGSTOP)
ticks.write = stop
for _ in range(2):
    try:
        store.keep(a_tick(2))
    except StoreError as error:
        print(type(error).__name__, flush=True)
        ticks.write = write
store.close()
"""

FROZEN_WHILE_IT_LEADS = FROZEN_IN_A_WRITE.replace("postgres.IDLE_SECONDS = 1\n", "").replace(
    "store.lead()", "from pnl.store import claim_of; claim = claim_of(sys.argv[1]); claim.take(); store.lead()"
)


@pytest.fixture
def kind() -> str:
    """Return what these tests are about."""
    return "postgresql"


@contextmanager
def session(url: str) -> Iterator["psycopg.Connection[Any]"]:
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


def end_sessions(url: str) -> None:
    """End every session of the product, as an administrator does."""
    with session(url) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE application_name LIKE 'northstar-pnl%' AND datname = current_database()"
        )


def test_both_spellings_of_the_url_are_taken(url: str) -> None:
    for spelling in (url, url.replace("postgresql://", "postgresql+psycopg://")):
        open_store(spelling, demo=False).close()


def test_sessions_that_were_ended_are_made_anew(store: SqlStore, url: str) -> None:
    store.keep(a_tick(1, *store.sort([a_fill("f-1")]).new))

    end_sessions(url)

    assert [record.id for record in store.facts("fill")] == ["f-1"]
    end_sessions(url)
    store.keep(a_tick(2))
    end_sessions(url)
    store.enter(an_entry("inv-1", "1"), replaces=None, actor="ann", at=at(1))
    assert store.head() == 2


def test_a_session_that_ends_in_the_middle_of_a_look_is_unavailable_for_now(store: SqlStore, url: str) -> None:
    store.keep(a_tick(1, *store.sort([a_fill(f"f-{number}", after=number) for number in range(6_000)]).new))
    facts = store.facts("fill")
    next(facts)

    end_sessions(url)

    with pytest.raises(StoreUnavailable):
        list(facts)
    assert len(list(store.facts("fill"))) == 6_000


def test_a_server_that_stops_is_unavailable_and_comes_back() -> None:
    server = PostgresServer()
    server.start()
    try:
        store = open_store(server.url(server.create()), demo=False, lock_seconds=0.2)
        store.lead()
        store.keep(a_tick(1))

        server.kill()
        for ask in (store.head, lambda: store.keep(a_tick(2)), lambda: list(store.facts("fill"))):
            with pytest.raises(StoreUnavailable, match="cannot answer"):
                ask()
        server.start()

        store.keep(a_tick(2))
        assert store.head() == 2
        store.close()
    finally:
        server.remove()


def test_a_network_that_swallows_everything_is_unavailable(
    plain_postgres_url: str, postgres_server: PostgresServer, proxy_to: Callable[[int], Proxy]
) -> None:
    proxy = proxy_to(postgres_server.port)
    store = open_store(
        plain_postgres_url.replace(f":{postgres_server.port}/", f":{proxy.port}/"), demo=False, lock_seconds=0.2
    )
    store.lead()
    store.close()
    proxy.black_hole()

    with pytest.raises(StoreUnavailable, match="cannot be opened: the database cannot answer"):
        open_store(
            plain_postgres_url.replace(f":{postgres_server.port}/", f":{proxy.port}/"), demo=False, lock_seconds=0.2
        )


def test_a_lock_that_somebody_holds_is_waited_for_no_longer_than_told(store: SqlStore, url: str) -> None:
    with session(url) as other:
        other.execute("SELECT pg_advisory_lock(%s)", (WRITE_KEY,))
        with pytest.raises(StoreUnavailable, match="lock timeout"):
            store.keep(a_tick(1))
        assert store.head() == 0

    store.keep(a_tick(1))


def test_a_process_that_is_frozen_in_a_write_loses_it_and_the_next_one_writes(url: str) -> None:
    with subprocess.Popen([sys.executable, "-c", FROZEN_IN_A_WRITE, url], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "in the middle\n"
        store = open_store(url, demo=False)

        store.lead()
        store.keep(a_tick(2))
        process.send_signal(signal.SIGCONT)

        assert process.stdout.read().split() == ["StoreUnavailable", "Deposed"]
        assert store.head() == 2
        store.close()


def test_who_takes_over_from_a_leader_frozen_in_a_write_takes_its_lock_of_writers_too(url: str) -> None:
    """Else the server would keep it from writing for twenty seconds more."""
    now = [0.0]
    store, other = open_store(url, demo=False, lock_seconds=0.2), listening(url, now)
    with subprocess.Popen(
        [sys.executable, "-c", FROZEN_WHILE_IT_LEADS, url], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "in the middle\n"
        assert not other.take()
        with pytest.raises(StoreUnavailable):
            store.lead()

        assert waits(other, now, 2)
        assert store.lead() == 2
        store.keep(a_tick(2))
        process.send_signal(signal.SIGCONT)

        assert process.stdout.read().split() == ["StoreUnavailable", "Deposed"]
    assert store.head() == 2
    assert store.damage() == ()
    other.release()
    store.close()


def test_a_password_that_was_changed_is_taken_up_by_the_next_connection(tmp_path: Path) -> None:
    """PostgreSQL's own library reads the file of passwords at each connection; sessions that are open stay so."""
    server = PostgresServer()
    try:
        server.start()
        database, kept = server.create(server.with_tables), tmp_path / "passwords"

        def give(password: str) -> None:
            kept.write_text(f"127.0.0.1:{server.port}:*:northstar:{password}\n")
            kept.chmod(0o600)

        with session(server.url("postgres")) as owner:
            owner.execute("CREATE ROLE northstar LOGIN SUPERUSER PASSWORD 'the one before'")
            server.require_passwords_of("northstar")
            owner.execute("SELECT pg_reload_conf()")
        give("the one before")
        url = server.url(database).replace("tests@", "northstar@")
        store = open_store(f"{url}?passfile={kept}", demo=False, lock_seconds=0.2)
        store.lead()
        with session(server.url(database)) as owner:
            owner.execute("ALTER ROLE northstar PASSWORD 'the new one'")
            store.keep(a_tick(1))
            end_sessions(server.url(database))
        with pytest.raises(StoreError, match="password"):
            store.keep(a_tick(2))

        give("the new one")

        store.keep(a_tick(2))
        assert store.head() == 2
        store.close()
    finally:
        server.remove()


def test_a_tick_whose_answer_was_lost_is_not_made_twice(store: SqlStore) -> None:
    store.keep(a_tick(1))

    with pytest.raises(Deposed, match="snapshot 1 was refused: 1 is kept already"):
        store.keep(a_tick(1, *store.sort([a_fill("f-1")]).new))

    assert list(store.facts("fill")) == []


def test_records_are_numbered_in_the_order_in_which_they_can_be_seen(store: SqlStore, url: str) -> None:
    other = open_store(url, demo=False)
    with session(url) as holder:
        holder.execute("SELECT pg_advisory_lock(%s)", (WRITE_KEY,))
        with pytest.raises(StoreUnavailable):
            store.enter(an_entry("late", "1"), replaces=None, actor="ann", at=at(1))
    other.enter(an_entry("first", "1"), replaces=None, actor="ann", at=at(1))
    found, reached = store.records_after(0)
    store.enter(an_entry("late", "1"), replaces=None, actor="ann", at=at(2))

    assert [record.id for record in found] == ["first"]
    assert [record.id for record in store.records_after(reached)[0]] == ["late"]
    other.close()


def test_a_history_is_written_at_once_and_read_piece_by_piece(store: SqlStore) -> None:
    fills = [a_fill(f"f-{number:05}\t\\N\n", after=number % 7) for number in range(5_000)]
    settlements = [a_settlement(f"s-{number:05}", after=number % 7) for number in range(3_000)]

    store.keep(
        a_tick(1, *store.sort([*fills, *settlements]).new, marks=tuple(a_mark(f"M{n}", "0.5") for n in range(999)))
    )

    found = list(store.facts("fill", "settlement"))
    assert len(found) == 8_000
    assert [(record.effective_at, record.id) for record in found] == sorted(
        (record.effective_at, record.id) for record in found
    )
    assert len(store.marks()) == 999
    assert store.damage() == ()


def test_texts_are_ordered_by_their_bytes_in_a_database_of_any_language(postgres_server: PostgresServer) -> None:
    name = f"t{uuid4().hex[:12]}"
    with psycopg.connect(postgres_server.url("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US'")
    store = open_store(postgres_server.url(name), demo=False)
    store.lead()
    names = ["b", "A", "a", "Z", "_", "ä", "a-b", "aB", "ab"]
    store.keep(a_tick(1, *store.sort([*map(a_fill, names), *map(a_settlement, names)]).new))

    assert [record.id for record in store.facts("fill", "settlement")] == sorted([*names, *names])
    store.close()
    postgres_server.drop(name)


def test_every_text_is_compared_by_its_bytes(store: SqlStore, url: str) -> None:
    columns = told(
        url,
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema() "
        "AND data_type = 'text' AND coalesce(collation_name, '') <> 'C'",
    )

    assert columns == []
    store.close()


def test_sums_are_whole_numbers(store: SqlStore) -> None:
    with store._database.reading() as connection:
        found = connection.exec_driver_sql("SELECT sum(n::bigint), max(n::bigint) FROM generate_series(1, 4) n").one()

    assert tuple(found) == (10, 4)
    assert [type(number) for number in found] == [int, int]


def test_a_reader_cannot_write(store: SqlStore) -> None:
    with (
        pytest.raises(Exception, match="read-only transaction"),
        store._database.reading() as connection,
    ):
        connection.exec_driver_sql("DELETE FROM mark")


@pytest.mark.parametrize("url", ["postgresql://u:canary%ZZ@h/pnl", "postgresql://u:canary@h/pnl?canary"])
def test_a_url_that_makes_no_sense_shows_no_password(url: str) -> None:
    with pytest.raises(ConfigError, match="PNL_DATABASE_URL") as refused:
        open_store(url, demo=False)

    assert "canary" not in str(refused.value)


def test_a_server_that_is_not_there_is_told_without_the_password() -> None:
    with pytest.raises(StoreUnavailable, match=r"postgresql://ann@127.0.0.1:1/books cannot be opened") as refused:
        open_store("postgresql://ann:canary@127.0.0.1:1/books", demo=False)

    assert "canary" not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_database_that_is_not_there_is_told_with_its_cure(postgres_server: PostgresServer) -> None:
    with pytest.raises(StoreError, match="make it with createdb"):
        open_store(postgres_server.url("nowhere"), demo=False)


def test_a_schema_that_is_not_there_is_told_with_its_cure(url: str) -> None:
    with pytest.raises(StoreError, match="the schema of the search path is not there"):
        open_store(f"{url}?options=-csearch_path%3Dnowhere", demo=False)


def test_a_user_without_rights_is_told_what_to_grant(url: str) -> None:
    name = f"u{uuid4().hex[:8]}"
    with session(url) as owner:
        owner.execute(f"CREATE USER {name}")

    with pytest.raises(StoreError, match=r"permission denied.*GRANT CREATE, USAGE ON SCHEMA"):
        open_store(url.replace("tests@", f"{name}@"), demo=False)

    with session(url) as owner:
        owner.execute(f"DROP USER {name}")


def test_an_encoding_that_has_not_every_text_is_refused(postgres_server: PostgresServer) -> None:
    name = f"t{uuid4().hex[:12]}"
    with psycopg.connect(postgres_server.url("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'")

    with pytest.raises(StoreError, match=r"LATIN1.*UTF8"):
        open_store(postgres_server.url(name), demo=False)

    postgres_server.drop(name)


def test_a_database_that_only_reads_is_unavailable_for_now(store: SqlStore, url: str) -> None:
    with session(url) as owner:
        owner.execute(f'ALTER DATABASE "{url.rpartition("/")[2]}" SET default_transaction_read_only = on')
    end_sessions(url)

    with pytest.raises(StoreUnavailable, match="read-only"):
        store.lead()


def test_a_schema_of_its_own_is_taken_from_the_url(url: str) -> None:
    with session(url) as owner:
        owner.execute("CREATE SCHEMA books")
    store = open_store(f"{url}?options=-csearch_path%3Dbooks", demo=False)
    store.lead()

    store.keep(a_tick(1))

    assert told(url, "SELECT seq FROM books.snapshot") == [(1,)]
    store.close()
