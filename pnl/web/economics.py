"""What API use costs: per dollar of trading and of revenue, this month so far and to come, against its budget."""

from datetime import date, datetime, timedelta

from flask import Blueprint, Response

from pnl.domain.company_day import Calendar
from pnl.domain.economics import (
    NOTHING,
    Before,
    Burn,
    DayResult,
    Pair,
    Ratio,
    before,
    burn,
    day_result,
    month_of,
    needed_from,
    ratio,
)
from pnl.domain.money import Nano
from pnl.domain.snapshot import Json, instant, money
from pnl.ports import Cache, History, SnapshotRow, StatedDay, Store
from pnl.web.answers import dumps
from pnl.web.cached import HEADERS
from pnl.web.cached import answer as cached
from pnl.web.describe import content, operation, parameter, reference
from pnl.web.problems import BadParameter, not_now
from pnl.web.query import Days, given
from pnl.web.schemas import COUNT, DAY, DAY_OR_NULL, INSTANT, MONEY, MONEY_OR_NULL, TEXT, one_of, thing

_MILLISECOND = timedelta(milliseconds=1)
_RATIO = thing(
    {
        "cost": MONEY_OR_NULL,
        "result": MONEY_OR_NULL,
        "days": COUNT,
        "ratio": MONEY_OR_NULL,
        "reason": one_of("cost_not_known", "result_not_known", "not_above_zero", None),
    }
)
_PAIR = thing({"cost": MONEY, "result": MONEY, "days": COUNT})
_BOTH = thing({"today": _RATIO, "month": _RATIO})

SCHEMAS: dict[str, Json] = {
    "Economics": thing(
        {
            "seq": COUNT,
            "as_of": INSTANT,
            "day": DAY,
            "month": thing({"from": DAY, "to": DAY, "ends_at": INSTANT}),
            "budget": MONEY_OR_NULL,
            "cost": thing(
                dict.fromkeys(("today", "month", "projected", "per_day", "used", "projected_use"), MONEY_OR_NULL)
                | {
                    "not_known": COUNT,
                    "course": one_of("no_budget", "no_rate", "used_up", "this_month", "not_this_month"),
                    "used_up_on": DAY_OR_NULL,
                }
            ),
            "per_trading": _BOTH,
            "per_revenue": _BOTH,
            "before_today": thing(
                {
                    "cost": MONEY_OR_NULL,
                    "trading": _PAIR,
                    "revenue": _PAIR,
                    "not_known": COUNT,
                    "rate_cost": MONEY,
                    "rate_ms": COUNT,
                    "over_on": DAY_OR_NULL,
                }
            ),
        }
    )
}

PATHS: dict[str, Json] = {
    "/api/pnl/economics": {
        "get": operation(
            "economics",
            "What API use costs per dollar made, and against its budget",
            {
                200: content("The month so far and to come.", reference("Economics")) | {"headers": HEADERS},
                304: {"description": "The caller has this answer."},
            },
            problems=(400, 503),
            description=(
                "Costs are above zero here. `cost.month` is the company's month to date; `per_day` the rate of the "
                "last seven days that are over, by 24 hours; `projected` the month's end at that rate; `used` and "
                "`projected_use` are parts of the budget. `used_up_on` is the day on which it was or will be used up, "
                "where that is this month; `course` says why there is none. `not_known` counts days of the month "
                "whose cost is not known: they count as nothing. `ratio` is dollars of API cost per dollar of result: "
                "trading after fees, or revenue with refunds, processor fees and adjustments, of the `days` of which "
                "both are known. It is null where the result is zero or a loss. `before_today` is what a page adds "
                "today's lines to, so that it moves with the snapshot; its rate is `rate_cost` in `rate_ms` "
                "milliseconds. Days before today are as known."
            ),
            parameters=[parameter("as_of", "As shown at this instant: RFC 3339 or a company day.", TEXT)],
        )
    }
}


def economics(  # noqa: PLR0917 - as one would say it
    history: History, store: Store, calendar: Calendar, days: Days, cache: Cache, budget: Nano | None
) -> Blueprint:
    """Return the route; `budget` is what API use may cost in a month."""
    routes = Blueprint("economics", __name__)

    @routes.get("/api/pnl/economics")
    def course() -> Response:
        known = days.known(given(("as_of",)))
        row = store.row_at(known) if known else store.last_row()
        if row is None and known:
            raise BadParameter("as_of", "there was no snapshot yet")
        if row is None:
            raise not_now("The first statement is being made; ask again shortly.", 10)
        newest = store.head()
        version = "closed" if row.seq < newest else str(newest)
        key = ("economics", str(row.seq), str(budget), version)
        return cached(cache, key, lambda: dumps(_told(history, calendar, row, known, budget)).encode())

    return routes


def _told(
    history: History, calendar: Calendar, row: SnapshotRow, known: datetime | None, budget: Nano | None
) -> dict[str, Json]:
    stated = history.days(needed_from(row.day), row.day, known)
    earlier = before([_result(calendar, one) for one in stated], row.day, budget)
    today = day_result(row.day, 0, row.lines)
    first, last = month_of(row.day)
    ends = calendar.bounds(last)[0]
    found = burn(earlier, today, as_of=row.as_of, ends=ends, budget=budget, day_of=calendar.day)
    return {
        "seq": row.seq,
        "as_of": instant(row.as_of),
        "day": row.day.isoformat(),
        "month": {"from": first.isoformat(), "to": last.isoformat(), "ends_at": instant(ends)},
        "budget": money(budget),
        "cost": _cost(today, found, earlier),
        "per_trading": _ratios(earlier.trading, today.cost, today.trading),
        "per_revenue": _ratios(earlier.revenue, today.cost, today.revenue),
        "before_today": {
            "cost": money(earlier.cost),
            "trading": _pair(earlier.trading),
            "revenue": _pair(earlier.revenue),
            "not_known": earlier.not_known,
            "rate_cost": money(earlier.rate_cost),
            "rate_ms": earlier.rate_ms,
            "over_on": _day(earlier.over_on),
        },
    }


def _cost(today: DayResult, found: Burn, earlier: Before) -> dict[str, Json]:
    return {
        "today": money(today.cost),
        "month": money(found.cost),
        "projected": money(found.projected),
        "per_day": money(found.per_day),
        "used": money(found.used),
        "projected_use": money(found.projected_use),
        "not_known": earlier.not_known + (today.cost is None),
        "course": found.course,
        "used_up_on": _day(found.used_up_on),
    }


def _ratios(earlier: Pair, cost: Nano | None, result: Nano | None) -> dict[str, Json]:
    return {"today": _ratio(ratio(NOTHING, cost, result)), "month": _ratio(ratio(earlier, cost, result))}


def _pair(one: Pair) -> dict[str, Json]:
    return {"cost": money(one.cost), "result": money(one.result), "days": one.days}


def _ratio(one: Ratio) -> dict[str, Json]:
    return {
        "cost": money(one.cost),
        "result": money(one.result),
        "days": one.days,
        "ratio": money(one.ratio),
        "reason": one.reason,
    }


def _result(calendar: Calendar, one: StatedDay) -> DayResult:
    start, end = calendar.bounds(one.day)
    return day_result(one.day, (end - start) // _MILLISECOND, one.lines)


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
