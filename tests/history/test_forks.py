"""A ledger of the past that is an older one's copy, brought forward, says what a rebuilt one says."""

import itertools
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings

from pnl.domain.company_day import Calendar
from pnl.domain.ledger import Ledger
from pnl.domain.money import nano
from pnl.domain.records import KINDS, Record
from pnl.history.ledgers import HOLD_SECONDS, KnownLedgers
from pnl.store.archive import SqlArchive
from tests.domain.strategies import entry, fill, mark, record
from tests.history.company import ZONE, Company
from tests.history.test_laws import Step, histories, lived
from tests.history.test_ledgers import DAY, NOON, TEN
from tests.web.past import api


def told(ledger: Ledger) -> dict[str, object]:
    """Return all that a ledger says."""
    days = sorted(ledger.days(DAY + timedelta(days=40)) | {DAY + timedelta(days=place) for place in range(-5, 12)})
    return {
        "rows": [ledger.row(ticker) for ticker in sorted(ledger.book.markets)],
        "open": ledger.rows(),
        "posts": {ticker: ledger.book.posts(ticker) for ticker in ledger.book.markets},
        "cash": (dict(ledger.cash.flows()), ledger.cash.transfers(), dict(ledger.cash.credits), ledger.audit()),
        "balance": ledger.balance,
        "costs": (ledger.costs.days(), ledger.costs.drifts(), ledger.costs.last_answer),
        "clashes": set(ledger.revenue.clashes()),
        "days": {
            day: (
                ledger.book.day(day),
                ledger.book.traded(day),
                ledger.book.counted(day),
                ledger.cash.other_income(day),
                ledger.revenue.totals(day),
                ledger.revenue.shares(day),
                ledger.api_cost(day),
                ledger.flags(day),
            )
            for day in days
        },
    }


def ledgers(company: Company) -> KnownLedgers:
    """Return ledgers of which none is made yet; a copy of now is kept whenever it may be."""
    seconds = itertools.count(0, HOLD_SECONDS)
    return KnownLedgers(
        company.ledger, company.figures.lock, company.store, lambda: Ledger(Calendar(ZONE)), lambda: next(seconds)
    )


@settings(max_examples=8, deadline=None)
@given(histories())
def test_a_copy_that_is_brought_forward_says_what_a_rebuilt_ledger_says(history: list[tuple[datetime, Step]]) -> None:
    found: dict[int, KnownLedgers] = {}

    def hold(company: Company) -> None:
        known = found.setdefault(id(company.store), ledgers(company))
        with known.now() as ledger:
            known.hold(ledger)

    with lived(history, hold) as company:
        known = found[id(company.store)]
        for shown in company.shown:
            at = shown.snapshot.as_of
            assert told(known.at(at)) == told(ledgers(company).at(at))


@settings(max_examples=8, deadline=None)
@given(histories())
def test_a_copy_goes_its_own_way(history: list[tuple[datetime, Step]]) -> None:
    with lived(history) as company:
        records = list(company.store.facts(*KINDS))
        for cut in {0, 1, len(records) // 2, len(records)}:
            ledger = Ledger(Calendar(ZONE))
            ledger.take(records[:cut])
            copied = ledger.fork()
            before = told(copied)

            ledger.take(records[cut:])

            assert told(copied) == before
            copied.take(records[cut:])
            copied.balance, copied.seq = ledger.balance, ledger.seq
            assert told(copied) == told(ledger)
            after = told(ledger)
            copied.take([entry_of(copied)])
            assert told(ledger) == after


def entry_of(ledger: Ledger) -> Record:
    """Return a sale that no ledger knows yet."""
    return record(entry("sale", "7.77", DAY, name=f"new-{len(ledger.book.markets)}"))


def test_the_parts_of_what_was_just_shown_open_without_a_look_at_older_records(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    company.tick(NOON, fill("yes", "10", "0.40", ticker="KXA", at=NOON - TEN, name="old"), *api(NOON, "5"))
    known = ledgers(company)
    with known.now() as ledger:
        known.hold(ledger)
    company.tick(NOON + TEN, entry("sale", "2", DAY), marks=[mark("KXA", bid="0.60", ask="0.62", at=NOON + TEN)])
    monkeypatch.delattr(SqlArchive, "facts_at")

    first, second = known.at(NOON), known.at(NOON + TEN)

    assert (first.revenue.totals(DAY)["revenue"], second.revenue.totals(DAY)["revenue"]) == (0, nano("2"))
    assert first.book.markets["KXA"].fills == second.book.markets["KXA"].fills


def test_records_that_no_snapshot_knows_yet_are_in_no_copy(company: Company) -> None:
    company.tick(NOON, entry("sale", "1", DAY))
    company.ledger.take([record(entry("sale", "2", DAY, name="not kept"))])  # as in a tick that could not be kept
    known = ledgers(company)
    with known.now() as ledger:
        known.hold(ledger)

    assert known.at(NOON).revenue.totals(DAY)["revenue"] == nano("1")


def test_a_copy_is_kept_now_and_then(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter((0.0, HOLD_SECONDS / 2, HOLD_SECONDS + 1.0))
    known = KnownLedgers(
        company.ledger, company.figures.lock, company.store, lambda: Ledger(Calendar(ZONE)), lambda: next(times)
    )
    forks: list[int | None] = []
    fork = Ledger.fork

    def counted(ledger: Ledger) -> Ledger:
        forks.append(ledger.seq)
        return fork(ledger)

    monkeypatch.setattr(Ledger, "fork", counted)
    for number in range(3):
        company.tick(NOON + number * TEN)
        with known.now() as ledger:
            known.hold(ledger)

    assert forks == [1, 3]
