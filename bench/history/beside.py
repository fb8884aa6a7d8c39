"""Other ways to the same figures on the same data: without roll-ups, in DuckDB, in PostgreSQL with and without."""

import csv
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import psycopg

from bench.history.year import START_US
from pnl.store import rollups, schema
from pnl.store.engine import driver
from tests.services import PostgresServer

MINUTE, HOUR, DAY = (rollups.WIDTHS[level] for level in ("1m", "1h", "1d"))
CHUNK = 50_000
FIGURES = (*("seq", "as_of_us"), *(f"{figure}_n" for figure in schema.ROLLED[:-2]), "carried_n", "cash_n")
"""The columns of a snapshot that the others are given: numbers only."""


def questions(last: int, grouped: Callable[[int, int, int], str] | None) -> dict[str, str]:
    """Return what is asked, in words, with its SQL: over roll-ups, or grouped from the snapshots themselves."""
    week, year = last - 7 * DAY, max(START_US, last - 365 * DAY)
    return {
        "a day, every snapshot": _raw(last - DAY, last),
        "a week by the minute": grouped(MINUTE, week, last) if grouped else _rolled("1m", week, last),
        "a year by the hour": grouped(HOUR, year, last) if grouped else _rolled("1h", year, last),
        "a year by the day": grouped(DAY, year, last) if grouped else _rolled("1d", year, last),
        "the newest": "SELECT seq, net_n FROM snapshot ORDER BY seq DESC LIMIT 1",
    }


def report(path: Path, folder: Path) -> None:
    """Print the table."""
    ours = driver().connect(f"{path.as_uri()}?mode=ro", uri=True)
    last = ours.execute("SELECT max(as_of_us) FROM snapshot").fetchone()[0] + 1
    rolled, raw, ducks = (questions(last, grouped) for grouped in (None, _grouped, _grouped_by_duckdb))
    found = {
        "SQLite with roll-ups (ours)": _times(lambda query: ours.execute(query).fetchall(), rolled),
        "SQLite, grouping the snapshots": _times(lambda query: ours.execute(query).fetchall(), raw),
    }
    file, database = folder / "beside.csv", folder / "beside.duckdb"
    database.unlink(missing_ok=True)
    _dump(ours, "snapshot", FIGURES, file)
    duck = duckdb.connect(str(database))
    _into_duckdb(duck, file)
    found["DuckDB, grouping the snapshots"] = _times(lambda query: duck.execute(query).fetchall(), ducks)
    duck.close()
    server = PostgresServer()
    server.start()
    try:
        with psycopg.connect(server.url(server.create())) as session:
            _into_postgres(session, file, "snapshot", FIGURES)
            for level in ("1m", "1h", "1d"):
                names = [column.name for column in schema.roll[level].c]
                _dump(ours, f"roll_{level}", names, file)
                _into_postgres(session, file, f"roll_{level}", names)
            found["PostgreSQL with roll-ups (ours)"] = _times(lambda query: session.execute(query).fetchall(), rolled)
            found["PostgreSQL, grouping the snapshots"] = _times(lambda query: session.execute(query).fetchall(), raw)
    finally:
        server.remove()
        file.unlink()
        database.unlink()
        ours.close()
    print("\n| ms, median of five | " + " | ".join(rolled) + " |")
    print("|---|" + "---|" * len(rolled))
    for name, took in found.items():
        print(f"| {name} | " + " | ".join(f"{took[question]:.2f}" for question in rolled) + " |")


def _times(ask: Callable[[str], list[Any]], asked: dict[str, str]) -> dict[str, float]:
    found = {}
    for name, query in asked.items():
        took = []
        for _ in range(5):
            began = time.perf_counter()
            rows = ask(query)
            took.append((time.perf_counter() - began) * 1000)
            assert rows
        found[name] = statistics.median(took)
    return found


def _raw(since: int, until: int) -> str:
    return f"SELECT as_of_us, net_n FROM snapshot WHERE as_of_us >= {since} AND as_of_us < {until} ORDER BY as_of_us"  # noqa: S608 - tables, columns and numbers of our own code, nothing from outside


def _rolled(level: str, since: int, until: int) -> str:
    return (
        f"SELECT start_us, net_o, net_h, net_l, net_c FROM roll_{level} "  # noqa: S608 - tables, columns and numbers of our own code, nothing from outside
        f"WHERE start_us >= {rollups.start(since, level)} AND start_us < {until} ORDER BY start_us"
    )


def _grouped(width: int, since: int, until: int) -> str:
    since = since // width * width
    return (
        "SELECT b.start_us, o.net_n, b.high, b.low, c.net_n FROM "  # noqa: S608 - tables, columns and numbers of our own code, nothing from outside
        f"(SELECT as_of_us - as_of_us % {width} AS start_us, max(net_n) AS high, min(net_n) AS low, "
        "min(seq) AS first_seq, max(seq) AS last_seq FROM snapshot "
        f"WHERE as_of_us >= {since} AND as_of_us < {until} GROUP BY 1) AS b "
        "JOIN snapshot AS o ON o.seq = b.first_seq JOIN snapshot AS c ON c.seq = b.last_seq ORDER BY 1"
    )


def _grouped_by_duckdb(width: int, since: int, until: int) -> str:
    return (
        "SELECT as_of_us - as_of_us % "  # noqa: S608 - tables, columns and numbers of our own code, nothing from outside
        f"{width} AS start_us, arg_min(net_n, seq), max(net_n), min(net_n), arg_max(net_n, seq) FROM snapshot "
        f"WHERE as_of_us >= {since // width * width} AND as_of_us < {until} GROUP BY 1 ORDER BY 1"
    )


def _dump(ours: Any, table: str, names: Sequence[str], file: Path) -> None:  # noqa: ANN401 - a DB-API connection
    """Write some columns of a table as CSV."""
    with file.open("w", newline="") as out:
        writer = csv.writer(out)
        cursor = ours.execute(f"SELECT {', '.join(names)} FROM {table} ORDER BY 1")  # noqa: S608 - tables, columns and numbers of our own code, nothing from outside
        while rows := cursor.fetchmany(CHUNK):
            writer.writerows(rows)


def _into_duckdb(duck: "duckdb.DuckDBPyConnection", file: Path) -> None:
    columns = ", ".join(f"'{name}': 'BIGINT'" for name in FIGURES)
    duck.execute(
        f"CREATE TABLE snapshot AS SELECT * FROM read_csv('{file}', header=false, columns={{{columns}}})"  # noqa: S608 - tables, columns and numbers of our own code, nothing from outside
    )


def _into_postgres(session: "psycopg.Connection[Any]", file: Path, table: str, names: Sequence[str]) -> None:
    columns = ", ".join(f"{name} bigint" for name in names)
    session.execute(f"CREATE TABLE {table} ({columns}, PRIMARY KEY ({names[0]}))")
    with session.cursor().copy(f"COPY {table} FROM STDIN (FORMAT csv)") as copy, file.open("rb") as source:
        while chunk := source.read(1 << 20):
            copy.write(chunk)
    if table == "snapshot":
        session.execute("CREATE UNIQUE INDEX snapshot_by_time ON snapshot (as_of_us)")
    session.commit()
    session.execute(f"ANALYZE {table}")
    session.commit()
