"""What is kept of the API's cost is held against Anthropic's report: row by row, and by the usage of the day."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from pnl.domain.apicost import ApiCosts
from pnl.domain.checks import Check
from pnl.domain.company_day import Calendar
from pnl.domain.cost_checks import BEING_READ, UNTOLD, CostChecks
from pnl.domain.explain.nodes import made
from pnl.domain.explain.sides import side
from pnl.domain.ledger import Ledger
from pnl.domain.money import DOLLAR
from pnl.domain.records import Anchor, Cost, Record, Usage

DAY = date(2026, 11, 20)
MODEL = "claude-opus-5-5"
KEY = f"{MODEL}|output_tokens|standard|global|0-200k"
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def report(
    day: date,
    reported: str,
    *,
    hours: float = 26,
    listed: Mapping[str, str | None] | None = None,
    watermark: datetime | None = None,
) -> Record:
    """Make the report of a day, read so many hours after its start, with the usage at list known by then."""
    over = "/closed" if hours >= 24 else ""
    fact = Anchor(
        id=f"{day}{over}",
        day=day,
        read_at=midnight(day) + timedelta(hours=hours),
        watermark=watermark,
        reported=Decimal(reported),
        usage_known=listed is not None,
        list_values={key: None if value is None else Decimal(value) for key, value in (listed or {}).items()},
    )
    return Record(source="anthropic", kind="anchor", id=fact.id, effective_at=midnight(day), fact=fact, raw="{}")


def row(day: date, amount: str, *, version: int = 1, model: str = MODEL, kind: str = "tokens", hour: int = 0) -> Record:
    start = midnight(day) + timedelta(hours=hour)
    fact = Cost(
        id=f"{day}|{model}|{kind}|{hour}",
        start=start,
        end=start + timedelta(hours=24),
        amount=Decimal(amount),
        currency="USD",
        model=model if kind == "tokens" else None,
        token_type="output_tokens" if kind == "tokens" else None,
        cost_type=kind,
        service_tier="standard",
        context_window="0-200k",
        inference_geo="global",
        workspace_id=None,
        description=None,
    )
    return Record(source="anthropic", kind="cost", id=fact.id, effective_at=start, fact=fact, raw="{}", version=version)


def used(day: date, listed: str) -> Record:
    fact = Usage(
        id=f"{day}|usage",
        start=midnight(day),
        end=midnight(day) + timedelta(hours=1),
        model=MODEL,
        service_tier="standard",
        context_window="0-200k",
        inference_geo="global",
        tokens={"output_tokens": 1000},
        list_values={"output_tokens": Decimal(listed)},
    )
    return Record(source="anthropic", kind="usage", id=fact.id, effective_at=fact.start, fact=fact, raw="{}")


def costs(*records: Record) -> ApiCosts:
    found = ApiCosts()
    for one in records:
        found.add(one)
    return found


def named(name: str, checks: list[Check]) -> dict[str, Check]:
    return {check.scope: check for check in checks if check.name == name}


def test_the_rows_of_a_day_are_held_against_its_report() -> None:
    api = costs(report(DAY, "12.50"), row(DAY, "10"), row(DAY, "2.50", kind="code_execution"))
    check = named("api_cost_rows", CostChecks().of(api, NOON))["2026-11-20"]
    assert (check.expected, check.actual, check.state) == (25 * DOLLAR // 2, 25 * DOLLAR // 2, "ok")


def test_a_row_that_is_missing_waits_for_the_next_report_and_then_differs() -> None:
    api, checks = costs(report(DAY, "12.50"), row(DAY, "10")), CostChecks()
    first = named("api_cost_rows", checks.of(api, NOON))["2026-11-20"]
    assert (first.state, first.waiting) == ("waiting", BEING_READ)
    later = named("api_cost_rows", checks.of(api, NOON + timedelta(minutes=15)))["2026-11-20"]
    assert (later.state, later.reason, later.actual - later.expected) == ("failed", UNTOLD, 5 * DOLLAR // 2)
    api.add(row(DAY, "2.50", kind="code_execution"))
    assert named("api_cost_rows", checks.of(api, NOON + timedelta(minutes=16)))["2026-11-20"].state == "ok"
    api.add(row(DAY, "7.00", version=2))
    again = named("api_cost_rows", checks.of(api, NOON + timedelta(minutes=17)))["2026-11-20"]
    assert again.state == "waiting", "what matched in between begins anew"


def test_rows_beyond_the_watermark_of_the_report_are_not_held_against_it() -> None:
    seen = midnight(DAY) + timedelta(hours=9)
    api = costs(report(DAY, "4", hours=10, watermark=seen), row(DAY, "4", hour=8), row(DAY, "3", hour=9))
    assert named("api_cost_rows", CostChecks().of(api, NOON))["2026-11-20"].state == "ok"


def test_a_day_whose_report_cannot_change_any_more_is_told_only_while_it_differs() -> None:
    old = DAY - timedelta(days=40)
    api = costs(report(DAY, "1"), row(DAY, "1"), report(old, "5"), row(old, "5"))
    assert set(named("api_cost_rows", CostChecks().of(api, NOON))) == {"2026-11-20"}
    api.add(row(old, "4", version=2))
    assert set(named("api_cost_rows", CostChecks().of(api, NOON))) == {"2026-10-11", "2026-11-20"}


def week(rate: str) -> list[Record]:
    """Make a week before the day in which a dollar at list cost `rate`."""
    days = [DAY - timedelta(days=ago) for ago in range(1, 8)]
    listed = [report(day, str(100 * Decimal(rate)), listed={KEY: "100"}) for day in days]
    return [*listed, *(row(day, str(100 * Decimal(rate))) for day in days)]


def test_the_usage_of_an_ended_day_is_held_against_its_bill_at_the_rates_of_the_week_before() -> None:
    api = costs(
        *week("0.85"), used(DAY, "200"), report(DAY, "180"), row(DAY, "171"), row(DAY, "9", kind="code_execution")
    )
    check = named("api_cost_usage", CostChecks().of(api, NOON))["2026-11-20"]
    assert (check.expected, check.actual) == (170 * DOLLAR, 171 * DOLLAR), "code execution shows in no usage"
    assert (check.state, check.tolerance) == ("ok", 855 * DOLLAR // 100)


def test_a_bill_that_goes_beyond_the_usage_differs() -> None:
    api = costs(*week("0.85"), used(DAY, "200"), report(DAY, "200"), row(DAY, "200"))
    assert named("api_cost_usage", CostChecks().of(api, NOON))["2026-11-20"].state == "failed"


def test_a_kind_of_token_without_a_price_is_on_neither_side() -> None:
    other = "claude-next|output_tokens|standard|global|0-200k"
    api = costs(
        *week("1"),
        report(DAY, "90", listed={KEY: "50", other: None}),
        row(DAY, "50"),
        row(DAY, "40", model="claude-next"),
    )
    check = named("api_cost_usage", CostChecks().of(api, NOON))["2026-11-20"]
    assert (check.expected, check.actual) == (50 * DOLLAR, 50 * DOLLAR)


def test_usage_is_not_held_against_a_day_that_is_not_over_or_has_no_week_before_it() -> None:
    lasting = costs(*week("1"), used(DAY, "50"), report(DAY, "80", hours=20), row(DAY, "80"))
    assert "2026-11-20" not in named("api_cost_usage", CostChecks().of(lasting, NOON))
    first = costs(used(DAY, "50"), report(DAY, "80"), row(DAY, "80"))
    assert not named("api_cost_usage", CostChecks().of(first, NOON))


def test_both_sides_of_the_rows_and_of_the_usage_open_and_add_up() -> None:
    ledger = Ledger(Calendar(ZoneInfo("UTC")))
    ledger.take(
        [*week("0.85"), used(DAY, "200"), report(DAY, "180"), row(DAY, "171"), row(DAY, "8", kind="code_execution")]
    )
    checks = {(one.name, one.scope): one for one in CostChecks().of(ledger.costs, NOON)}
    for name in ("api_cost_rows", "api_cost_usage"):
        check = checks[name, "2026-11-20"]
        for which in ("expected", "actual"):
            node = side(ledger, check, which)
            assert node.children(), (name, which)
            assert node.amount == made("sum", node.children()), (name, which)
            assert not any(child.rule == "remainder" for child in node.children()), (name, which)
    rows = side(ledger, checks["api_cost_rows", "2026-11-20"], "expected").children()
    assert sorted(one.amount or 0 for one in rows) == [8 * DOLLAR, 171 * DOLLAR]
