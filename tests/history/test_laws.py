"""For any history: what was shown can be shown again, and days tell in full what changed them since."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from pnl.domain.records import Fact, Mark, Market, Record, Side
from pnl.domain.restatements import Restatement
from pnl.domain.snapshot import Json
from tests.domain.strategies import entry, fill, mark, record, settlement
from tests.empty_books import empty_file
from tests.history.company import Company, plain
from tests.web.past import api

BEGIN = datetime(2026, 11, 18, 15, tzinfo=UTC)
TICKERS = ("KXA", "KXB")


@dataclass(frozen=True, slots=True)
class Step:
    """What happens before one tick: how long since the last, what is told, what is quoted, whether it restarts."""

    after: timedelta
    told: tuple[Fact | Record, ...]
    marks: tuple[Mark, ...]
    markets: tuple[Market, ...]
    restart: bool


@st.composite
def histories(draw: st.DrawFn) -> list[tuple[datetime, Step]]:
    """Return ticks of a few days with late and corrected sales, costs, fills and settlements, and restarts."""
    found: list[tuple[datetime, Step]] = []
    at, fills, sales = BEGIN, 0, 0
    settled: set[str] = set()
    for _ in range(draw(st.integers(2, 9))):
        after = timedelta(seconds=draw(st.one_of(st.integers(1, 90), st.integers(3_600, 40 * 3_600))))
        at += after
        told: list[Fact | Record] = []
        for _ in range(draw(st.integers(0, 3))):
            back = at - timedelta(seconds=draw(st.one_of(st.just(0), st.integers(0, 70 * 3_600))))
            match draw(st.sampled_from(["fill", "sale", "cost", "settlement", "api", "recurring"])):
                case "fill":
                    fills += 1
                    known = draw(st.integers(1, fills))
                    side: Side = draw(st.sampled_from(["yes", "no"]))
                    count, price = draw(st.integers(1, 90)), draw(st.integers(1, 99))
                    ticker = draw(st.sampled_from(TICKERS))
                    told.append(
                        fill(
                            side, str(count), f"0.{price:02d}", "0.07", ticker=ticker, at=back, name=f"{ticker}-{known}"
                        )
                    )
                case "sale":
                    sales += 1
                    name = f"s{draw(st.integers(1, sales))}"
                    amount = str(draw(st.integers(-500, 500)))
                    told.append(record(entry("sale", amount, _day(back), name=name, fee="-0.31")))
                case "cost":
                    told.append(record(entry("operating_cost", "-12.34", _day(back), name=f"c{_day(back)}")))
                case "recurring":
                    amount = str(-draw(st.integers(1, 400)))
                    told.append(record(entry("operating_cost", amount, _day(back), name="rent", recurs="monthly")))
                case "settlement":
                    ticker = draw(st.sampled_from(TICKERS))
                    if ticker not in settled:
                        settled.add(ticker)
                        told.append(settlement(draw(st.sampled_from(["yes", "no"])), revenue=0, ticker=ticker, at=back))
                case "api":
                    told.extend(api(back, str(draw(st.integers(0, 90)))))
        quotes = []
        for ticker in draw(st.sets(st.sampled_from(TICKERS))):
            bid = draw(st.integers(1, 97))
            quotes.append(mark(ticker, bid=f"0.{bid:02d}", ask=f"0.{bid + 2:02d}", at=at))
        titles = [
            Market(ticker=ticker, event_ticker="KXE", title=f"{ticker} {at:%H:%M}", close_time=None)
            for ticker in draw(st.sets(st.sampled_from(TICKERS), max_size=1))
        ]
        found.append((at, Step(after, tuple(told), tuple(quotes), tuple(titles), draw(st.integers(0, 3)) == 3)))
    return found


def _day(at: datetime) -> date:
    return at.date()


@contextmanager
def lived(
    history: list[tuple[datetime, Step]], each: Callable[[Company], None] = lambda _company: None
) -> Iterator[Company]:
    """Give a company that went through a history; `each` is called after every tick."""
    with tempfile.TemporaryDirectory() as folder:
        company = Company(empty_file(Path(folder) / "pnl.db"))
        try:
            for at, step in history:
                if step.restart:
                    company.restart()
                told = [one if isinstance(one, Record) else record(one) for one in step.told]
                names = {(one.source, one.kind, one.id): one for one in told}
                company.tick(at, *names.values(), marks=step.marks, markets=step.markets)
                each(company)
            yield company
        finally:
            company.close()


def as_shown(text: dict[str, Json]) -> dict[str, Json]:
    """Return a snapshot without what is not kept of it: when its sources were to be asked next."""
    states = text["sources"]
    assert isinstance(states, dict)
    kept = {
        name: {**state, "next_attempt": None} if isinstance(state, dict) else None for name, state in states.items()
    }
    return {**text, "sources": dict[str, Json](kept)}


@settings(max_examples=5, deadline=None)
@given(histories())
def test_every_screen_of_the_past_can_be_shown_again_exactly(history: list[tuple[datetime, Step]]) -> None:
    with lived(history) as company:
        for shown in company.shown:
            at = shown.snapshot.as_of
            found = company.history.screen(at)
            positions, checks = company.history.positions(at), company.history.checks(at)

            assert found
            assert as_shown(found.to_json()) == as_shown(shown.snapshot.to_json())
            assert positions
            assert (positions[0], list(positions[1])) == (shown.snapshot.seq, list(shown.every))
            assert checks
            told = [one.stood(name, scope, shown.snapshot.net) for name, scope, one in checks[1]]
            assert plain(told) == shown.checks


@settings(max_examples=5, deadline=None)
@given(histories())
def test_restatements_add_up_to_what_a_day_was_restated_by_at_any_time(history: list[tuple[datetime, Step]]) -> None:
    with lived(history) as company:
        for at in (None, company.shown[len(company.shown) // 2].snapshot.as_of, company.shown[-1].snapshot.as_of):
            days = company.history.days(None, None, at)
            for day in days:
                for line, amount in day.lines.items():
                    told = sum(one.amount for one in day.restatements if one.line == line)
                    then = day.seen.last.lines[line] if day.seen else amount
                    assert (amount or 0) - (then or 0) == told
                # What a record restates is named; only ends without a snapshot are not, and days that were passed over.
                if day.seen:
                    nameless = {one.line for one in day.restatements if one.record is None}
                    assert nameless <= {"trading_unrealised"} | (
                        {"api_cost"} if day.lines["api_cost"] is None else set()
                    )
            if at is not None:
                last = next(shown.snapshot for shown in company.shown if shown.snapshot.as_of == at)
                assert days[-1].day == last.day
                assert days[-1].seen
                assert (days[-1].seen.last.seq, days[-1].seen.last.net) == (last.seq, last.net)


@settings(max_examples=5, deadline=None)
@given(histories())
def test_what_records_restated_as_of_a_time_is_told_first_of_what_is_told_later(
    history: list[tuple[datetime, Step]],
) -> None:
    with lived(history) as company:
        first = company.shown[0].snapshot.day
        later: dict[date, list[Restatement]] = {}
        for shown in reversed(company.shown):
            for day in range(6):
                asked = shown.snapshot.day - timedelta(days=day)
                for found in company.history.days(
                    asked, asked + timedelta(days=1), shown.snapshot.as_of
                ):  # of one day each change is told
                    told = [one for one in found.restatements if one.record]
                    assert told == later.get(found.day, told)[: len(told)]
                    later[found.day] = told
        assert all(day >= first or not changes for day, changes in later.items())


@settings(max_examples=5, deadline=None)
@given(histories())
def test_days_as_known_add_up_to_the_life_of_the_company(history: list[tuple[datetime, Step]]) -> None:
    with lived(history) as company:
        days = company.history.days(None, None)
        ledger = company.ledger
        opened = company.shown[0].snapshot
        unrealised = ledger.unrealised()

        gained = sum(day.lines["trading_unrealised"] or 0 for day in days)
        realised = sum(day.lines["trading_realised"] or 0 for day in days)

        assert realised == sum(row.realised for row in ledger.rows(every=True))
        if unrealised is not None and opened.unrealised_total == 0 and not opened.positions:
            first = days[0] if days[0].seen else next(day for day in days if day.seen)
            assert first.known.opening
            assert gained == unrealised - first.known.opening.unrealised
