"""For any history: a day, its explanation and its breakdown say the same, now and at any time before."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings

from pnl.domain.explain import DAILY, DIMENSIONS, SUMS
from pnl.domain.ledger import Ledger
from pnl.domain.money import nano
from pnl.domain.records import Balance
from pnl.domain.snapshot import instant, money
from pnl.store.archive import SqlArchive
from tests.domain.strategies import entry, mark, report, transfer
from tests.history.company import Company, plain
from tests.history.test_forks import ledgers
from tests.history.test_laws import Step, histories, lived
from tests.web.past import api, live
from tests.web.test_explain import INSTANT, all_below, told

MINUTE = timedelta(minutes=1)
FIELDS = [f"position.{ticker}.{field}" for ticker in ("KXFED-1", "KXGAS-2") for field in ("value", "realised", "mark")]


@settings(max_examples=10, deadline=None)
@given(histories())
def test_days_explanations_and_breakdowns_say_the_same(history: list[tuple[datetime, Step]]) -> None:
    with lived(history) as company:
        client = company.server().test_client()
        middle = company.shown[len(company.shown) // 2].snapshot.as_of
        for known in ({}, {"as_of": str(instant(middle))}):
            stated = answered(client, "days", **known)["days"]
            for day in stated:
                agrees(client, day, **known)
            whole = {"from": stated[0]["day"], "to": after(stated[-1]["day"]), **known}
            net = sum((Decimal(day["net"]) for day in stated if day["net"] is not None), Decimal())
            assert Decimal(answered(client, "explain", figure="net", **whole)["amount"] or 0) == net
            for by in DIMENSIONS:
                broken(answered(client, "breakdown", by=by, **whole), net)


@settings(max_examples=10, deadline=None)
@given(histories())
def test_every_figure_of_every_screen_is_explained_as_it_was_shown(history: list[tuple[datetime, Step]]) -> None:
    with lived(history) as company:
        client = company.server().test_client()
        for shown in company.shown:
            snapshot = shown.snapshot.to_json()
            lines, seq = snapshot["lines"], str(shown.snapshot.seq)
            assert isinstance(lines, dict)
            for figure, amount in {**lines, "net": snapshot["net"], "net_realised": snapshot["net_realised"]}.items():
                found = answered(client, "explain", figure=figure, at=seq)
                assert (figure, found["amount"]) == (figure, amount)
                adds_up(found)
                held_as_told(client, found, as_of=str(instant(shown.snapshot.as_of)))


def test_the_checks_of_an_explanation_have_the_sides_that_they_had_then(company: Company) -> None:
    begin, held = datetime(2026, 11, 18, 15, tzinfo=UTC), ("100", "160.5", "163")
    company.tick(begin, Balance(at=begin, cash=nano("100"), portfolio_value=0), report=report(nano("100"), at=begin))
    for minute, (moved, cash) in enumerate((("60.5", "160.5"), ("2.5", "163"), ("1", "164")), 1):
        at = begin + minute * MINUTE
        company.tick(
            at, transfer(moved, at=at, name=f"d{minute}"), *api(at, str(minute)), report=report(nano(cash), at=at)
        )
    client = company.server().test_client()

    for shown, cash in zip(company.shown[:3], held, strict=True):
        then, seq, day = str(instant(shown.snapshot.as_of)), str(shown.snapshot.seq), str(shown.snapshot.day)
        for figure, asked in (("cash", {"at": seq}), ("net", {"at": seq}), ("net", {"day": day, "as_of": then})):
            found = answered(client, "explain", figure=figure, **asked)
            assert [one["actual"] for one in found["checks"] if one["name"] == "I5_cash"] == [money(nano(cash))]
            held_as_told(client, found, as_of=then)
        for side in ("expected", "actual"):
            found = answered(client, "explain", figure=f"check.I5_cash.{side}.account", at=seq)
            assert found["amount"] == money(nano(cash))


class OnlyNow:
    """Ledgers that cannot be rebuilt."""

    def __init__(self, company: Company) -> None:
        self.now = company.history.ledgers.now

    def hold(self, ledger: Ledger) -> None:
        """Keep nothing."""

    def at(self, instant: datetime) -> Ledger:
        """Fail."""
        raise AssertionError(instant)


def test_a_screen_that_prices_alone_have_left_behind_is_explained_by_the_books_of_now(company: Company) -> None:
    live(company)
    end = company.shown[-1].snapshot.as_of
    first = company.tick(end + MINUTE, marks=[mark("KXFED-1", bid="0.61", ask="0.63", at=end + MINUTE)])
    company.tick(end + 2 * MINUTE, marks=[mark("KXFED-1", bid="0.33", ask="0.35", at=end + 2 * MINUTE)])
    found = opened(company.server(OnlyNow(company)).test_client(), first.seq)

    company.tick(end + 3 * MINUTE, entry("sale", "1.00", end.date(), name="later"))
    rebuilt = opened(company.server().test_client(), first.seq)

    assert found == rebuilt


def test_the_parts_of_an_explanation_open_without_all_records_being_read_again(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    live(company)
    client, shown = company.server().test_client(), company.shown[-1].snapshot
    told(client, "net", at=shown.seq)
    company.tick(shown.as_of + MINUTE, entry("sale", "1.00", shown.day, name="later"))
    rebuilt = opened(company.server(ledgers(company)).test_client(), shown.seq)
    monkeypatch.delattr(SqlArchive, "facts_at")

    assert opened(client, shown.seq) == rebuilt


def opened(client: FlaskClient, seq: int) -> dict[str, Any]:
    """Return every node of every figure of a snapshot, by figure."""
    names = [*DAILY, *(name for name in INSTANT if name != "cumulative_net"), *FIELDS]
    return {name: all_below(client, name, told(client, name, at=seq), at=seq) for name in names}


def agrees(client: FlaskClient, day: Any, **known: str) -> None:  # noqa: ANN401 - JSON
    """Hold the explanation of each figure of a day, and its breakdowns, against the day."""
    figures = {**day["lines"], "net": day["net"], "net_realised": day["net_realised"]}
    assert set(figures) == set(DAILY) - {"revenue_total", "trading_total", "other_total"}
    for total, lines in SUMS.items():
        parts = [Decimal(part) for line in lines if (part := day["lines"][line]) is not None]
        found = answered(client, "explain", figure=total, day=day["day"], **known)
        assert found["amount"] is None if not parts else Decimal(found["amount"]) == sum(parts)
        adds_up(found)
    for figure, amount in figures.items():
        found = answered(client, "explain", figure=figure, day=day["day"], **known)
        assert (figure, found["amount"]) == (figure, amount)
        adds_up(found)
        if known:
            held_as_told(client, found, **known)
        for child in found["children"] if figure == "trading_unrealised" else ():
            adds_up(answered(client, "explain", figure=figure, day=day["day"], node=child["node"], **known))
    for by in DIMENSIONS:
        found = answered(client, "breakdown", by=by, **{"from": day["day"], "to": after(day["day"])}, **known)
        broken(found, Decimal(day["net"] or 0))


def held_as_told(client: FlaskClient, found: Any, **known: str) -> None:  # noqa: ANN401 - JSON
    """Hold the checks of an explanation against all checks as they are told of that time."""
    told = {(one["name"], one["scope"]): one for one in plain(answered(client, "checks", **known)["checks"])}
    for check in plain(found["checks"]):
        assert check == told[check["name"], check["scope"]]


def broken(found: Any, net: Decimal) -> None:  # noqa: ANN401 - JSON
    """Hold the rows of a breakdown against a net."""
    assert Decimal(found["net"] or 0) == net
    assert sum(Decimal(row["amount"]) for row in found["rows"]) == net


def adds_up(node: Any) -> None:  # noqa: ANN401 - JSON
    """Hold a node's amount against its children, and theirs against theirs."""
    children = node.get("children")
    if not children or node["amount"] is None:
        return
    amounts = [Decimal(child["amount"]) for child in children if child["amount"] is not None]
    if node["rule"] == "sum":
        assert sum(amounts) == Decimal(node["amount"]), node["node"]
    if node["rule"] == "difference":
        assert amounts[0] - sum(amounts[1:]) == Decimal(node["amount"]), node["node"]
    for child in children:
        adds_up(child)


def after(day: str) -> str:
    """Return the day after."""
    return (date.fromisoformat(day) + timedelta(days=1)).isoformat()


def answered(client: FlaskClient, route: str, **asked: str) -> Any:  # noqa: ANN401 - JSON
    """Return what a route answers."""
    answer = client.get(f"/api/pnl/{route}", query_string=asked)
    assert answer.status_code == 200, answer.text
    return answer.json
