"""The same table as CSV in the ways one would write first: `python -m bench.export.plain WAY ARCHIVE FILE`.

`raw` writes the integers of the database, in nano-dollars and microseconds; `exact` makes money and
times of them, as an export has them. Both use the standard library alone, in one loop.
"""

import csv
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from pnl.domain.snapshot import LINES
from pnl.store.engine import driver

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NAMES = (
    *("seq", "as_of_us", *(f"{line}_n" for line in LINES), "net_n", "net_realised_n", "complete", "quality", "day"),
    *("carried_n + net_n", "cash_n", "positions_value_n", "exposure_n", "cash_n + positions_value_n"),
    *("finality", "flags"),
)
MONEY = tuple(name.endswith("_n") for name in NAMES)


def main(way: str, archive: Path, target: Path) -> None:
    """Write the table."""
    connection = driver().connect(f"{archive.as_uri()}?mode=ro", uri=True)
    rows = connection.execute(f"SELECT {', '.join(NAMES)} FROM snapshot ORDER BY seq")  # noqa: S608 - tables, columns and numbers of our own code, nothing from outside
    with target.open("w", newline="", encoding="utf-8") as file:
        write = csv.writer(file)
        write.writerow(NAMES)
        write.writerows(rows if way == "raw" else map(exact, rows))


def exact(row: tuple[Any, ...]) -> list[Any]:
    """Return a row as people read it."""
    made = [
        value if not money else None if value is None else f"{Decimal(value).scaleb(-9):.9f}"
        for value, money in zip(row, MONEY, strict=True)
    ]
    at = EPOCH + timedelta(microseconds=row[1])
    made[1] = f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"
    return made


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
