"""Makes an archive of any length: a random walk every ten seconds, a gap a month, with its chain and its roll-ups.

The rows are those that the product writes, and `pnl verify` finds them whole; they are inserted by the
thousand, since a year takes a year otherwise.
"""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert

from pnl.domain.company_day import Calendar
from pnl.domain.snapshot import LINES
from pnl.store import chain, days, open_store, rollups, schema, seals
from pnl.store.engine import writer

EVERY_US = 10_000_000
A_YEAR = 3_153_600
START = datetime(2025, 1, 1, tzinfo=UTC)
START_US = int(START.timestamp()) * 1_000_000
BATCH = 20_000
BODY = "{}"
Row = dict[str, Any]


def make(path: Path, count: int, seed: int = 1) -> None:
    """Make an archive of `count` snapshots at a path where there is none."""
    open_store(f"sqlite:///{path}", demo=False).close()
    engine = writer(path, lock_seconds=5)
    names = [column.name for column in schema.snapshot.c]
    marks = ", ".join("?" * len(names))
    stretches: list[tuple[str, list[Any]]] = []
    rolling = rollups.Rolling(lambda level, stretch: stretches.append((level, stretch)))
    seen: dict[str, Row] = {}
    gaps: list[Row] = []
    batch: list[list[Any]] = []
    previous, row = "", {}
    with engine.connect() as connection:
        for row in walk(count, seed):
            gap = row.pop("gap", None)
            notes = []
            if gap:
                gaps.append(gap)
                notes.append(list(gap.values()))
            paces: list[list[str | int | None]] = [[1, START_US, EVERY_US]] if row["seq"] == 1 else []
            told = chain.noted(gaps=notes, paces=paces)
            previous = row["hash"] = chain.link(previous, [row[name] for name in chain.COLUMNS], "", told)
            batch.append([row[name] for name in names])
            rolling.add(row["as_of_us"], rollups.bits(row["quality"]), rollups.figures(row))
            seen[row["day"]] = days.grown(seen.get(row["day"]), row)
            if len(batch) == BATCH or row["seq"] == count:
                if row["seq"] == count:
                    rolling.finish()
                with connection.begin():
                    cursor = connection.connection.cursor()
                    cursor.executemany(f"INSERT INTO snapshot VALUES ({marks})", batch)  # noqa: S608 - tables, columns and numbers of our own code, nothing from outside
                    rollups.write(connection, stretches)
                    if gaps:
                        connection.execute(insert(schema.gap), gaps)
                batch.clear()
                stretches.clear()
                gaps.clear()
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
                cursor.close()
        with connection.begin():
            connection.execute(insert(schema.company_day), list(seen.values()))
            connection.execute(insert(schema.pace), [{"seq": 1, "at_us": START_US, "interval_us": EVERY_US}])
            connection.execute(insert(schema.current), [{"id": 1, "seq": row["seq"], "body": BODY}])
    engine.dispose()


def walk(count: int, seed: int) -> Iterator[Row]:
    """Give the rows of snapshots, oldest first, without their hashes; `gap` is the gap before one, if there is."""
    luck = random.Random(seed)
    calendar = Calendar(ZoneInfo("America/New_York"))
    row: Row = dict.fromkeys((column.name for column in schema.snapshot.c), 0) | seals.values((), (), BODY)
    row |= {"complete": 1, "finality": "estimated", "flags": "", "exposure_n": 1_405_100_000_000, "checks_ok": 11}
    at, day, total, carried, cash, value = START_US - EVERY_US, "", 0, 0, 4_120_110_000_000, 1_470_000_000_000
    lines = dict.fromkeys(LINES, 0)
    start, end = at, at
    for seq in range(1, count + 1):
        gap = None
        wait = EVERY_US
        if seq % 259_200 == 0:  # an hour is lost a month
            wait = 3_600_000_000
            gap = {"since_us": at, "until_us": at + wait, "missed": 359, "reason": "the product was not running"}
        at += wait
        if not start <= at < end:
            moment = START + timedelta(microseconds=at - START_US)
            carried += total
            day = calendar.day(moment).isoformat()
            start, end = (int(one.timestamp()) * 1_000_000 for one in calendar.bounds(calendar.day(moment)))
            lines = dict.fromkeys(LINES, 0)
        move = luck.randrange(-2_000_000_000, 2_010_000_000)
        lines["trading_unrealised"] += move
        value += move
        if luck.random() < 0.02:
            lines["trading_realised"] += luck.randrange(-50_000, 60_000) * 100_000
            lines["trading_fees"] -= luck.randrange(0, 20_000) * 100_000
        if luck.random() < 0.01:
            lines["revenue"] += luck.randrange(100, 20_000) * 10_000_000
        if seq % 6 == 0:
            lines["api_cost"] -= luck.randrange(0, 50_000_000)
        total = sum(lines.values())
        second = at // 1_000_000
        made = {f"{name}_n": amount for name, amount in lines.items()}
        yield (
            row
            | made
            | {
                "seq": seq,
                "as_of_us": at,
                "day": day,
                "net_n": total,
                "net_realised_n": total - lines["trading_unrealised"],
                "unrealised_total_n": value - 1_405_100_000_000,
                "cash_n": cash,
                "positions_value_n": value,
                "quality": "after_gap" if gap else "stale" if luck.random() < 0.001 else "ok",
                "sources": f"kalshi=live@{second} anthropic=live@{second - second % 60} revenue=live@{second}",
                "carried_n": carried,
                **({"gap": gap} if gap else {}),
            }
        )
