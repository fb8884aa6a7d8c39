"""API cost on a company day: by UTC day, by model, down to rows of cost and to usage since the last report.

A UTC day's cost is known by the day or by the hour, and of an hour that is cut by the company day only
a part counts. So a row's share of the line is worked out: in proportion to the rows, in whole
nano-dollars by largest remainder, so that the shares add up to the line exactly.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal, localcontext
from typing import Final

from pnl.domain.company_day import Calendar
from pnl.domain.cost_days import Spread
from pnl.domain.cost_stretch import Stretch
from pnl.domain.explain.nodes import Leaf, Node, by_size, by_time, made, of_record, total
from pnl.domain.explain.steps import checked
from pnl.domain.ledger import Ledger
from pnl.domain.money import Nano, dollars_text, nano_rounded, share
from pnl.domain.rates import DIGITS, usage_key
from pnl.domain.records import Cost, Usage
from pnl.domain.utc_hours import midnight

ANTHROPIC = "anthropic"
_HOUR = timedelta(hours=1)
_NO_ROW = "reported, and told by no row of cost that is kept"
_NEWER_ROWS = "rows of cost that are newer than the report, which counts less"
_ZERO = Decimal(0)
_SPREAD: Final[Mapping[Spread, str]] = {
    "usage": "a UTC day is spread over its hours by usage",
    "evenly": "a UTC day without usage that has a price is spread over its hours evenly",
    "hours": "it was reported by the hour",
}


def cost(ledger: Ledger, day: date) -> list[Node]:
    """Return what each UTC day brings to the API cost of a company day, below zero."""
    stretches = ledger.costs.stretches(*ledger.calendar.bounds(day))
    return [_utc_day(ledger, stretch) for stretch in stretches if stretch.amount or stretch.costs or stretch.usage]


def unknown(ledger: Ledger, day: date) -> str:
    """Return why the API cost of a company day is not known; empty where nothing of it was read."""
    lacks = ledger.costs.unread(*ledger.calendar.bounds(day))
    return ", ".join(f"the {what} of {utc} (UTC) was not read yet" for utc, what in lacks)


def of_model(ledger: Ledger, day: date, model: str) -> list[Node]:
    """Return what each UTC day brings to a model's cost on a company day, below zero."""
    return [
        replace(one, key=stretch.day.isoformat(), title=_hours(stretch))
        for stretch in ledger.costs.stretches(*ledger.calendar.bounds(day))
        for one in _by_model(ledger, stretch)
        if one.key == model
    ]


def as_reported(rows: Sequence[Cost], calendar: Calendar) -> Sequence[Node]:
    """Return rows of cost with what each reports, above zero; what the whole nano-dollars of all lack is one more."""
    with localcontext(prec=DIGITS):
        whole = nano_rounded(sum((row.amount for row in rows), _ZERO))
    found = [
        of_record(
            Leaf(source=ANTHROPIC, kind="cost", id=row.id, at=row.start, fact=row), nano_rounded(row.amount), _what(row)
        )
        for row in rows
        if row.amount
    ]
    return checked(whole, list(by_time(found, calendar)), "rows finer than a billionth of a dollar, rounded")


def of_workspace(ledger: Ledger, day: date, workspace: str) -> list[Node]:
    """Return what each UTC day brings to a workspace's reported cost on a company day, below zero."""
    found = []
    for stretch in ledger.costs.stretches(*ledger.calendar.bounds(day)):
        leaves = [_cost_leaf(row, part) for row, part in rows_of(stretch)[0] if row.workspace_id == workspace]
        if leaves:
            found.append(total(stretch.day.isoformat(), _hours(stretch), by_time(leaves, ledger.calendar)))
    return found


def apportion(amount: Nano, weights: Sequence[Decimal]) -> list[Nano] | None:
    """Return `amount` in whole parts proportional to `weights`, which may be below zero; they add up to it exactly.

    By largest remainder. None where the weights add up to nothing.
    """
    with localcontext(prec=DIGITS):
        whole = sum(weights, _ZERO)
        if not whole:
            return None
        finest = min((int(weight.as_tuple().exponent) for weight in weights), default=0)
        scaled = [int(weight.scaleb(-min(finest, 0))) for weight in weights]
    size = sum(scaled)
    parts = [divmod(amount * weight, size) if size > 0 else divmod(-amount * weight, -size) for weight in scaled]
    left = amount - sum(floor for floor, _ in parts)
    order = sorted(range(len(parts)), key=lambda place: (-parts[place][1], place))
    extra = set(order[:left])
    return [floor + (place in extra) for place, (floor, _) in enumerate(parts)]


def rows_of(stretch: Stretch) -> tuple[list[tuple[Cost, Nano]], Nano]:
    """Return each cost row's part of what was reported for a stretch, and what no row tells; above zero.

    Rows by the hour count where they lie in the stretch, by how much of the hour is in it.
    """
    told = nano_rounded(sum((row.amount for row in stretch.costs), _ZERO))
    reported = nano_rounded(stretch.anchor.reported)
    hourly = bool(stretch.costs) and all(row.end - row.start <= _HOUR for row in stretch.costs)
    with localcontext(prec=DIGITS):
        weights = [row.amount * (_inside(row, stretch) if hourly else 1) for row in stretch.costs]
    by_rows = stretch.reported
    if told != reported:
        by_rows = share(stretch.reported, told, reported) if reported else 0
    parts = apportion(by_rows, weights)
    if parts is None:
        return [], stretch.reported
    found = [(row, part) for row, part in zip(stretch.costs, parts, strict=True) if part]
    return found, stretch.reported - by_rows


def estimate_of(stretch: Stretch) -> tuple[list[tuple[str | None, Usage | None, Nano]], Nano]:
    """Return the estimate of a stretch by (model, usage row), and what no row tells; above zero.

    What usage has grown by since the last report is known by kind of token; each kind's part goes to
    the usage rows of that kind since then, in proportion to their price at list.
    """
    estimate = stretch.amount - stretch.reported
    keys = sorted(stretch.growth)
    parts = apportion(estimate, [stretch.growth[key] for key in keys]) if estimate and keys else None
    if parts is None:
        return [], estimate
    found: list[tuple[str | None, Usage | None, Nano]] = []
    for key, part in zip(keys, parts, strict=True):
        rows = _usage_of(stretch, key)
        shares = apportion(part, [value for _, value in rows]) if rows else None
        if shares is None:
            found.append((key.partition("|")[0] or None, None, part))
        else:
            found += [(row.model, row, amount) for (row, _), amount in zip(rows, shares, strict=True)]
    return [one for one in found if one[2]], 0


def _utc_day(ledger: Ledger, stretch: Stretch) -> Node:
    anchor = stretch.anchor
    until = f"up to {anchor.watermark:%H:%M} UTC" if anchor.watermark else "so far"
    reported = dollars_text(nano_rounded(anchor.reported))
    told = (
        f"{reported} were reported for the UTC day at {anchor.read_at:%Y-%m-%d %H:%M} "
        f"UTC, {until}; {_SPREAD[stretch.spread]}, and each row's share of these hours is in "
        "proportion to the row, by largest remainder"
    )
    return Node(
        key=stretch.day.isoformat(),
        title=_hours(stretch),
        amount=-stretch.amount,
        rule="sum",
        parts=lambda: _by_model(ledger, stretch),
        note=told,
    )


def _hours(stretch: Stretch) -> str:
    return f"{stretch.day}, {stretch.start:%H:%M} to {_end(stretch)} UTC"


def _end(stretch: Stretch) -> str:
    whole = stretch.end >= midnight(stretch.day) + timedelta(days=1)
    return "24:00" if whole else f"{stretch.end:%H:%M}"


def _by_model(ledger: Ledger, stretch: Stretch) -> list[Node]:
    rows, unreported = rows_of(stretch)
    usage, unknown = estimate_of(stretch)
    models: dict[str | None, tuple[list[Node], list[tuple[Usage | None, Nano]]]] = {}
    for row, part in rows:
        models.setdefault(_name(row), ([], []))[0].append(_cost_leaf(row, part))
    for model, used, part in usage:
        models.setdefault(model, ([], []))[1].append((used, part))
    found = [_model(ledger, name, costs, used) for name, (costs, used) in models.items()]
    rests = (
        ("~reported", _NEWER_ROWS if unreported < 0 else _NO_ROW, unreported),
        ("~estimate", "usage since the last report, of which no row is kept", unknown),
    )
    rest = [Node(key=key, title=title, amount=-lacks, rule="remainder") for key, title, lacks in rests if lacks]
    return by_size([*found, *rest])


def _model(ledger: Ledger, name: str | None, costs: list[Node], used: list[tuple[Usage | None, Nano]]) -> Node:
    children = list(by_time(costs, ledger.calendar))
    if used:
        children.append(_estimate(ledger, used))
    return Node(
        key=name or "~none",
        title=name or "no model named",
        amount=made("sum", children),
        rule="sum",
        parts=children,
    )


def _estimate(ledger: Ledger, used: list[tuple[Usage | None, Nano]]) -> Node:
    by_row: dict[str, tuple[Usage, Nano]] = {}
    lacks = 0
    for row, part in used:
        if row is None:
            lacks += part
        else:
            by_row[row.id] = (row, by_row.get(row.id, (row, 0))[1] + part)
    leaves = [_usage_leaf(row, part) for row, part in by_row.values() if part]
    children = list(by_time(leaves, ledger.calendar))
    if lacks:
        why = "usage that the last report knew, and that is not told any more"
        children.append(Node(key="~remainder", title=why, amount=-lacks, rule="remainder"))
    return Node(
        key="~usage",
        title="Usage since the last report",
        amount=made("sum", children),
        rule="sum",
        parts=children,
        note="at effective rates of the last seven days, spread over the hours; shares by largest remainder",
        group=True,
    )


def _cost_leaf(row: Cost, part: Nano) -> Node:
    whole = f"{row.amount:f}"
    leaf = Leaf(source=ANTHROPIC, kind="cost", id=row.id, at=row.start, fact=row)
    return of_record(leaf, -part, _what(row), note=f"its share of {whole} reported")


def _what(row: Cost) -> str:
    what = " ".join(word.replace("_", " ") for word in (row.cost_type, row.token_type) if word)
    return what or row.description or row.id


def _usage_leaf(row: Usage, part: Nano) -> Node:
    leaf = Leaf(source=ANTHROPIC, kind="usage", id=row.id, at=row.start, fact=row)
    return of_record(leaf, -part, f"usage {row.start:%H:%M} to {row.end:%H:%M} UTC", note="an estimate")


def _name(row: Cost) -> str | None:
    return row.model


def _inside(row: Cost, stretch: Stretch) -> Decimal:
    start, end = max(row.start, stretch.start), min(row.end, stretch.end)
    if end <= start:
        return _ZERO
    return Decimal((end - start) // timedelta(seconds=1)) / Decimal((row.end - row.start) // timedelta(seconds=1))


def _usage_of(stretch: Stretch, key: str) -> list[tuple[Usage, Decimal]]:
    """Return the rows of a usage key, those since the last report where there are any, with their list value."""
    found = [(row, value) for row in stretch.usage if (value := _value(row, key))]
    since = stretch.anchor.watermark
    newer = [(row, value) for row, value in found if since is None or row.end > since]
    return newer or found


def _value(row: Usage, key: str) -> Decimal:
    return sum((value for kind, value in row.list_values.items() if value and usage_key(row, kind) == key), _ZERO)
