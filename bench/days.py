"""How long the days of a year take, with and without something new: `python -m bench.days`.

A year of three ticks a day, 16,000 fills and as many sales, of which 2 % of the fills and 10 % of the
sales come late, in a SQLite file; the statement of every day, its restatements and the JSON, without the
cache of answers.
"""

import random
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pnl.domain.records import Fact, Mark, Record
from pnl.web.days import Telling, total
from tests.domain.strategies import entry, fill, mark
from tests.history.company import Company
from tests.web.past import api

FIRST = datetime(2025, 11, 20, 15, tzinfo=UTC)
DAYS, EACH, ASKED = 365, 15, 60
HOURS = (0, 6, 13.99)
_DAY = timedelta(days=1)


def told(company: Company, luck: random.Random, number: int, hour: float) -> datetime:
    """Make one tick of a year."""
    at = FIRST + number * _DAY + timedelta(hours=hour)
    facts: list[Fact | Record] = [*api(at - _DAY, str(20 + number % 9)), *api(at, str(3 + hour))]
    marks: list[Mark] = []
    for place in range(EACH):
        ticker = f"KX{number // 7}-{place}"
        late = timedelta(days=luck.randint(1, 5)) if luck.random() < 0.02 else timedelta(minutes=luck.randint(0, 300))
        price = f"0.{luck.randint(10, 90)}"
        facts.append(
            fill(luck.choice(("yes", "no")), str(luck.randint(1, 50)), price, "0.02", ticker=ticker, at=at - late)
        )
        day = (at if luck.random() < 0.9 else at - _DAY).date()
        facts.append(entry("sale", str(luck.randint(1, 90)), day))
        marks.append(mark(ticker, bid="0.40", ask="0.42", at=at))
    if number % 30 == 3 and not hour:
        facts.append(entry("operating_cost", "-300", at.date(), recurs="monthly"))
    company.tick(at, *facts, marks=marks)
    return at


def _spread(times: list[float]) -> str:
    ordered = sorted(times)
    return f"p50 {ordered[len(ordered) // 2]:.1f} ms, p99 {ordered[int(len(ordered) * 0.99)]:.1f} ms"


def main() -> None:
    """Print what it takes."""
    with tempfile.TemporaryDirectory() as folder:
        company, luck = Company(f"sqlite:///{Path(folder) / 'pnl.db'}"), random.Random(1)
        at = FIRST
        for number in range(DAYS):
            for hour in HOURS:
                at = told(company, luck, number, hour)
        telling = Telling()

        def ask() -> tuple[float, float, int, int]:
            begun, worked = time.perf_counter(), time.process_time()
            days = company.history.days(None, None)
            text = ",".join(map(telling.text, days))
            total(days)
            took, work = (time.perf_counter() - begun) * 1000, (time.process_time() - worked) * 1000
            return took, work, len(text), sum(len(day.restatements) for day in days)

        first, _, size, changes = ask()
        print(f"{DAYS} days, {changes} restatements, {size / 1e6:.1f} MB of JSON; first time {first:.0f} ms")
        for name, something in (("nothing new", False), ("new records", True)):
            found: list[float] = []
            works: list[float] = []
            for number in range(ASKED):
                at += timedelta(seconds=10)
                news: list[Fact | Record] = (
                    [entry("sale", "3", at.date()), *api(at, str(30 + number % 7))] if something else []
                )
                company.tick(at, *news)
                took, work, *_ = ask()
                found.append(took)
                works.append(work)
            print(f"after a tick with {name}: {_spread(found)}; of the processor alone {_spread(works)}")
        then = at - 90 * _DAY
        for name in ("rebuilt", "kept"):
            begun = time.perf_counter()
            company.history.days(None, None, then)
            print(f"as known 90 days ago, ledger {name}: {(time.perf_counter() - begun) * 1000:.0f} ms")
        company.close()


if __name__ == "__main__":
    main()
