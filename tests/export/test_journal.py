"""The journal, read by beancount itself."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from beancount import loader
from beancount.core import data
from hypothesis import given
from hypothesis import strategies as st

from pnl.domain.money import text
from pnl.domain.snapshot import LINES
from pnl.export.archive import Archive
from pnl.export.asked import Asked
from pnl.export.files import Tally, parts
from pnl.export.journal import ACCOUNTS, journal

LATER = datetime(2027, 1, 1, tzinfo=UTC)
KNOWN = dict.fromkeys(LINES, "1.00")


def a_day(number: int, **given_: Any) -> dict[str, Any]:  # noqa: ANN401 - as the API has them
    """Return a day as the API tells it, as far as a journal needs it."""
    told = {"day": f"2026-11-{number:02d}", "lines": KNOWN, "complete": True, "missing": [], "flags": []}
    return told | {"finality": "final", "end": f"2026-11-{number:02d}T23:59:00.000Z"} | given_


def loaded(days: list[dict[str, Any]], at: datetime = LATER) -> tuple[list[data.Transaction], list[Any]]:
    """Return the transactions that beancount reads, and its complaints."""
    entries, errors, _ = loader.load_string(b"".join(part for _, part in journal(days, at)).decode())
    return [entry for entry in entries if isinstance(entry, data.Transaction)], errors


def posted(entries: list[data.Transaction]) -> list[tuple[str, Decimal]]:
    """Return the accounts and amounts of all postings."""
    return [
        (one.account, one.units.number)
        for entry in entries
        for one in entry.postings
        if one.units and one.units.number is not None
    ]


@given(
    st.lists(
        st.fixed_dictionaries(dict.fromkeys(LINES, st.none() | st.integers(-(9 * 10**18), 9 * 10**18))),
        min_size=1,
        max_size=5,
    )
)
def test_beancount_finds_every_transaction_balanced_and_the_net_in_the_accounts(
    days: list[dict[str, int | None]],
) -> None:
    spelled = [{line: None if one is None else text(one) for line, one in day.items()} for day in days]

    found, errors = loaded([a_day(number, lines=lines) for number, lines in enumerate(spelled, 1)])

    assert errors == []
    results: dict[str, Decimal] = {}
    for entry in found:
        assert sum(amount for _, amount in posted([entry])) == 0
    for account, amount in posted(found):
        results[account] = results.get(account, Decimal()) + amount
    net = Decimal(sum(amount for day in days for amount in day.values() if amount)) / 10**9
    assert -sum(amount for account, amount in results.items() if account.startswith(("Income", "Expenses"))) == net
    assert sum(amount for account, amount in results.items() if account.startswith(("Assets", "Liab"))) == net


def test_income_and_expenses_have_the_signs_that_an_accountant_expects() -> None:
    (sales, *_), errors = loaded([a_day(1, lines=KNOWN | {"revenue": "12.50", "processor_fees": "-0.36"})])

    assert errors == []
    amounts = dict(posted([sales]))
    assert amounts["Income:Revenue"] == Decimal("-12.50")
    assert amounts["Expenses:Processor-Fees"] == Decimal("0.36")
    assert amounts["Assets:Receivables:Customers"] == Decimal("14.14")


def test_a_day_that_is_not_whole_is_marked_and_says_what_is_missing() -> None:
    found, errors = loaded([a_day(1), a_day(2, missing=["revenue"], flags=['so "called"'], finality="estimated")])

    assert errors == []
    assert {(entry.date.day, entry.flag) for entry in found} == {(1, "*"), (2, "!")}
    assert found[-1].meta["missing"] == "revenue"
    assert found[-1].meta["flags"] == 'so "called"'
    assert found[-1].meta["finality"] == "estimated"


@pytest.mark.parametrize("finality", ["estimated", "provisional", "final"])
def test_a_day_of_which_anything_may_still_change_is_marked(finality: str) -> None:
    found, errors = loaded(
        [a_day(1, finality=finality), a_day(2, finality=finality)], datetime(2026, 11, 2, 12, tzinfo=UTC)
    )

    assert errors == []
    assert {(entry.date.day, entry.flag) for entry in found} == {(1, "*" if finality == "final" else "!"), (2, "!")}


def test_a_day_without_any_movement_has_no_transaction() -> None:
    assert loaded([a_day(1, lines=dict.fromkeys(LINES, "0.00"))]) == ([], [])


def test_every_line_has_an_account_of_its_own() -> None:
    found, _ = loaded([a_day(1, lines={line: f"{place}.00" for place, line in enumerate(LINES, 1)})])

    names = [account for account, _ in posted(found)]
    assert sorted(names) == sorted(ACCOUNTS)
    assert len(set(names)) == len(LINES) + 4


@pytest.mark.parametrize("ending", [b"", b'\n2026-11-03 * "more"\n  Income:Revenue  1 USD\n  Assets:Kalshi  1 USD\n'])
def test_an_archive_as_a_journal_passes_the_check_of_beancount(archive: Archive, tmp_path: Path, ending: bytes) -> None:
    path = tmp_path / "northstar.beancount"
    asked = archive.fixed(Asked(table="days", format="beancount"))
    path.write_bytes(b"".join(part for _, part in parts(archive, asked, Tally(), paced=False)) + ending)

    _, errors, _ = loader.load_file(str(path))

    assert bool(errors) == bool(ending)
