"""The two sides of a check: ours down to the records that make it, the source's as the source said it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Final, TypeAlias

from pnl.domain.book import MarketBook
from pnl.domain.checks import Check
from pnl.domain.explain import account, entries, positions, spending
from pnl.domain.explain.nodes import Leaf, Node, Unit, by_size, of_record
from pnl.domain.explain.spending import ANTHROPIC
from pnl.domain.explain.steps import KALSHI, Step, checked, leaves, summed
from pnl.domain.ledger import Ledger
from pnl.domain.money import DOLLAR, Nano, centi, count_text, nano, nano_rounded, text
from pnl.domain.positions import Position, dollars
from pnl.domain.records import Anchor, Fill

_PAIRS_LATER = "pairs that this account pays back at settlement only"
_NOT_TOLD = "counted so, and not told by the records that are known"
_SINCE = "usage since that report, at effective rates"
_COUNTED: Final = ("I1_position", "revenue_clash", "record_conflict")
"""The checks that hold numbers, not money, against each other."""
_FIELDS: Final = {
    "I1_position": "position",
    "I2_total_traded": "total_traded",
    "I2_fees": "fees",
    "I3_realised": "realised",
    "I3_exposure": "exposure",
}


def side(ledger: Ledger, check: Check, which: str) -> Node:
    """Return a side of a check as it stands; its amount is the one that the check holds against the other."""
    amount = check.expected if which == "expected" else check.actual
    unit: Unit = "contracts" if check.counts else "usd"
    node = (_ours if which == "expected" else _theirs)(ledger, check, amount)
    return replace(node, key=f"check.{check.name}.{which}.{check.scope}", amount=amount, unit=unit)


def kept(check: Check, which: str, seq: int) -> Node:
    """Return a side of a check of the past, as it was in a snapshot."""
    amount = check.expected if which == "expected" else check.actual
    note = f"as it stood in snapshot {seq:,}, of which both sides are kept"
    return _said("", amount, note, unit="contracts" if check.counts else "usd")


def made_of(name: str, scope: str, expected: str | None, actual: str | None, reason: str | None) -> Check | None:
    """Return a check of the past by both sides as they were told; None where one was not."""
    if expected is None or actual is None:
        return None
    counts = name in _COUNTED or (reason or "").startswith("contracts ")
    read = centi if counts else nano
    return Check(name, scope, read(expected), read(actual), counts=counts)


def _ours(ledger: Ledger, check: Check, amount: int) -> Node:
    if check.name in _FIELDS:
        held = positions.held(ledger, check.scope)
        if held is None:
            return _said("", amount, "no fill of this market is known, so nothing is held in it")
        return positions.field(ledger, held, _FIELDS[check.name])
    if check.name in _OURS:
        parts, why = _OURS[check.name](ledger, check)
        return _sum(amount, parts, why)
    return _said("", amount, _WORDS.get(check.name, ("our own count", ""))[0])


def _theirs(ledger: Ledger, check: Check, amount: int) -> Node:
    if check.name in (*_FIELDS, "I2_identity"):
        return _of_row(ledger, check, amount)
    if check.name in ("I5_cash", "I5_netting"):
        return _balance(ledger, amount)
    if check.name in _THEIRS:
        parts, why = _THEIRS[check.name](ledger, check)
        return _sum(amount, parts, why)
    return _said("", amount, _WORDS.get(check.name, ("", "what the source said"))[1])


def _of_row(ledger: Ledger, check: Check, amount: int) -> Node:
    """Return what Kalshi's own row of a market said in the newest reading."""
    at, row = ledger.reconciliation.reading(check.scope)
    when = f"Kalshi GET /portfolio/positions, read at {_time(at)}" if at else "Kalshi GET /portfolio/positions"
    if row is None or not row.ticker:
        return _said("", amount, f"{when}: the market is not listed, so nothing is held in it")
    updated = f"; the row says that it was updated at {_time(row.updated_at)}" if row.updated_at else ""
    if check.name != "I2_identity":
        return _said("", amount, f"{when}{updated}")
    parts = [
        _said("realised", row.realised, "realised_pnl of the row", title="Realised"),
        _said("total_traded", row.total_traded, "total_traded of the row", title="Total traded"),
        _said("exposure", -row.exposure, "market_exposure of the row, taken off", title="Exposure"),
    ]
    return replace(_sum(amount, parts, _NOT_TOLD), note=f"{when}{updated}")


def _balance(ledger: Ledger, amount: int, key: str = "balance") -> Node:
    at = ledger.balance.at if ledger.balance else None
    return _said(key, amount, f"Kalshi GET /portfolio/balance, read at {_time(at)}", title="Balance, as read")


def _cash(ledger: Ledger, _check: Check) -> tuple[Sequence[Node], str]:
    return account.movements(ledger), _PAIRS_LATER


def _lines_since(ledger: Ledger, _check: Check) -> tuple[Sequence[Node], str]:
    """Return the first balance and what was held then, what came and went, and what markets gained since."""
    flows = {ticker: flow for ticker, flow in ledger.cash.flows().items() if flow.result}
    held = by_size(
        _held_then(ledger, ticker, flow.opening_cost)
        for ticker, flow in ledger.cash.flows().items()
        if flow.opening_cost
    )
    opening = sum(one.amount or 0 for one in held)
    cost = replace(
        summed("held", "Cost of what was held then", opening, lambda: held),
        note="at average cost, by the fills before it" if held else "nothing was held before it",
    )
    results = by_size(_result(ledger, ticker, flow.result) for ticker, flow in flows.items())
    gained = summed(
        "results", "Realised since then, less fees", sum(one.amount or 0 for one in results), lambda: results
    )
    return [*account.movements(ledger, trading=False), cost, gained], _PAIRS_LATER


def _result(ledger: Ledger, ticker: str, amount: Nano) -> Node:
    market, about = ledger.book.markets[ticker], ledger.quoted(ticker)[1]
    opened = ledger.book.opened_at

    def parts() -> list[Node]:
        found = leaves(
            market,
            ledger.calendar,
            lambda position: position.realised - position.fees,
            wanted=lambda step: opened is None or step.fact.at > opened,
        )
        return checked(amount, found, account.TOLD_BY_ROW)

    return summed(ticker, about.title if about else ticker, amount, parts)


def _held_then(ledger: Ledger, ticker: str, amount: Nano) -> Node:
    """Return what a market's contracts had cost when the first balance was read, by the records up to it."""
    market, about, opened = ledger.book.markets[ticker], ledger.quoted(ticker)[1], ledger.book.opened_at

    def parts() -> list[Node]:
        found = leaves(
            market,
            ledger.calendar,
            lambda position: position.cost,
            wanted=lambda step: opened is not None and step.fact.at <= opened,
        )
        return checked(amount, found, account.TOLD_BY_ROW)

    return summed(ticker, about.title if about else ticker, amount, parts)


def _equity(ledger: Ledger, _check: Check) -> tuple[Sequence[Node], str]:
    cash = _balance(ledger, ledger.balance.cash if ledger.balance else 0, "cash")
    held = replace(positions.totals(ledger, "exposure"), key="exposure", title="Cost of what is held")
    return [cash, held] if held.amount else [cash], _NOT_TOLD


def _pairs(ledger: Ledger, check: Check) -> tuple[Sequence[Node], str]:
    """Return the dollar that each closed pair of YES and NO paid back, by the fill that closed it."""
    return _steps(ledger, check.scope, lambda position: dollars(position.pairs)), _NOT_TOLD


def _settled(ledger: Ledger, check: Check) -> tuple[Sequence[Node], str]:
    """Return what the fills of a market that has settled say, of whatever the check looks at."""
    what = (check.reason or "").removesuffix(" differ from those of the fills")
    if what in _OF_SETTLEMENT:
        return _steps(ledger, check.scope, _OF_SETTLEMENT[what]), _NOT_TOLD
    if check.waiting and "stands in for them" in (check.reason or ""):
        return _steps(ledger, check.scope, lambda position: position.realised - position.fees), _NOT_TOLD
    market = ledger.book.markets.get(check.scope)
    result = market.settlement.result if market and market.settlement else None
    if market is None or result not in ("yes", "no"):
        return [], "a market that settled at neither YES nor NO: its payout is the source's"
    held = market.before.yes_count - market.before.no_count
    wins = held > 0 if result == "yes" else held < 0
    title = f"{count_text(abs(held))} {'YES' if held > 0 else 'NO'} held, settled {result.upper()}"
    sign = 1 if held > 0 else -1
    fills = _steps(
        ledger, check.scope, lambda position: sign * (position.yes_count - position.no_count), unit="contracts"
    )
    counted = Node(key="contracts", title=title, amount=abs(held), rule="sum", parts=fills, unit="contracts")
    price = DOLLAR if wins else 0
    pays = _settlement(market, price, f"a contract pays {text(price)}", "each that wins is a dollar")
    paid = Node(
        key="held", title=title, amount=dollars(abs(held)) if wins else 0, rule="product", parts=(counted, pays)
    )
    return [paid] if held else [], "rounding to whole cents, and contracts of other subaccounts"


def _steps(ledger: Ledger, ticker: str, of: Callable[[Position], int], *, unit: Unit = "usd") -> list[Node]:
    market = ledger.book.markets.get(ticker)
    if market is None:
        return []
    return leaves(market, ledger.calendar, of, wanted=lambda step: isinstance(step.fact, Fill), unit=unit)


def _row(ledger: Ledger, check: Check) -> tuple[Sequence[Node], str]:
    market = ledger.book.markets.get(check.scope)
    if market is None or market.settlement is None:
        return [], _NOT_TOLD
    return [_settlement(market, check.actual)], _NOT_TOLD


def _settlement(
    market: MarketBook, amount: Nano, title: str = "", note: str = "as the row of the settlement says"
) -> Node:
    assert market.settlement is not None  # noqa: S101 - asked by the caller
    step = Step(market.settlement, market.before, market.position)
    return of_record(step.leaf(), amount, title or step.title(), note=note)


def _credit(ledger: Ledger, check: Check) -> tuple[Sequence[Node], str]:
    one = ledger.cash.credits.get(check.scope)
    if one is None:
        return [], _NOT_TOLD
    return [of_record(Leaf(source=KALSHI, kind="credit", id=one.id, at=one.at, fact=one), one.amount, one.label)], ""


def _estimated(ledger: Ledger, check: Check) -> tuple[Sequence[Node], str]:
    return _anchored(ledger, check, ""), _SINCE


def _reported(ledger: Ledger, check: Check) -> tuple[Sequence[Node], str]:
    return _anchored(ledger, check, "/closed"), "changed since, or read after it"


def _restated(ledger: Ledger, check: Check) -> tuple[Sequence[Node], str]:
    return _anchored(ledger, check, "/restated"), "changed since, or read before it"


def _anchored(ledger: Ledger, check: Check, which: str) -> list[Node]:
    """Return what Anthropic's report of a UTC day said: before its end, after it, or where it changed later."""
    one: Anchor | None = ledger.costs.anchor(date.fromisoformat(check.scope), f"{check.scope}{which}")
    if one is None:
        return []
    return [_report(one)]


def _rows(ledger: Ledger, check: Check) -> tuple[Sequence[Node], str]:
    one = ledger.costs.held_on(date.fromisoformat(check.scope))
    return (
        spending.as_reported(one.rows, ledger.calendar) if one else []
    ), "rows that came or went since it was checked"


def _whole_report(ledger: Ledger, check: Check) -> tuple[Sequence[Node], str]:
    one = ledger.costs.held_on(date.fromisoformat(check.scope))
    return ([_report(one.anchor)] if one else []), "reported since it was checked"


def _at_rates(ledger: Ledger, check: Check) -> tuple[Sequence[Node], str]:
    """Return what each kind of token of a day would cost at the rates of the week before."""
    return _by_kind(ledger, check, "expected", "at list, times what a dollar at list cost in the seven days before")


def _of_usage(ledger: Ledger, check: Check) -> tuple[Sequence[Node], str]:
    return _by_kind(ledger, check, "billed", "the rows of cost of this kind, added up")


def _by_kind(ledger: Ledger, check: Check, which: str, note: str) -> tuple[Sequence[Node], str]:
    one = ledger.costs.held_on(date.fromisoformat(check.scope))
    if one is None or one.by_usage is None:
        return [], _NOT_TOLD
    kinds = one.by_usage.expected if which == "expected" else one.by_usage.billed
    names = {key: " ".join(part.replace("_", " ") for part in key.split("|") if part) for key in kinds}
    return by_size(
        _said(key, amount, note, title=names[key]) for key, amount in kinds.items() if amount
    ), "changed since it was checked"


def _kept_entries(ledger: Ledger, check: Check) -> tuple[Sequence[Node], str]:
    whole = ledger.whole_reading(check.scope)
    return entries.of_days(ledger, check.scope, whole.since) if whole else [], "entries that came since it was checked"


def _told_entries(ledger: Ledger, check: Check) -> tuple[Sequence[Node], str]:
    whole = ledger.whole_reading(check.scope)
    if whole is None:
        return [], _NOT_TOLD
    note = f"what the source told of this day when it was read whole at {_time(whole.at)}"
    days = sorted(whole.stated.items(), reverse=True)
    return [_said(day.isoformat(), amount, note, title=day.isoformat()) for day, amount in days if amount], _NOT_TOLD


def _report(one: Anchor) -> Node:
    leaf = Leaf(source=ANTHROPIC, kind="anchor", id=one.id, at=one.read_at, fact=one)
    return of_record(leaf, nano_rounded(one.reported), f"Report of {one.day}, read at {_time(one.read_at)}")


def _sum(amount: int, parts: Sequence[Node], why: str) -> Node:
    return Node(key="", title="", amount=amount, rule="sum", parts=checked(amount, list(parts), why))


def _said(key: str, amount: int, note: str, *, title: str = "", unit: Unit = "usd") -> Node:
    """Return a figure that no record stands for, with where it is from in words."""
    return Node(key=key, title=title, amount=amount, rule="mark", note=note, unit=unit)


def _time(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC" if at else "an instant that is not known"


_OF_SETTLEMENT: Final[dict[str, Callable[[Position], int]]] = {
    "contracts bought": lambda position: position.yes_count + position.no_count,
    "cost of YES": lambda position: position.yes_cost,
    "cost of NO": lambda position: position.no_cost,
    "fees": lambda position: position.fees,
}
_Parts: TypeAlias = Callable[[Ledger, Check], tuple[Sequence[Node], str]]
_OURS: Final[dict[str, _Parts]] = {
    "I2_identity": _pairs,
    "I4_settlement": _settled,
    "I5_cash": _cash,
    "I5_netting": _cash,
    "I6_equity": _lines_since,
    "api_cost_rows": _rows,
    "api_cost_usage": _at_rates,
    "api_cost": _estimated,
    "api_cost_restated": _reported,
    "revenue_read": _kept_entries,
}
_THEIRS: Final[dict[str, _Parts]] = {
    "I4_settlement": _row,
    "I5_credit": _credit,
    "I6_equity": _equity,
    "api_cost_rows": _whole_report,
    "api_cost_usage": _of_usage,
    "api_cost": _reported,
    "api_cost_restated": _restated,
    "revenue_read": _told_entries,
}
_WORDS: Final = {
    "identity": ("the lines of the statement, added up, as `net` tells", "the net that is shown, as `net` tells"),
    "I5_credit": ("nothing: no record tells of this cash, and none was expected", ""),
    "revenue_clash": ("none: no two sources should report the same money", "one pair of sources that may do so"),
    "record_conflict": ("none: a record comes with one content only", "one record that came again with another"),
}
"""What a side is that has nothing behind it: ours, and the source's."""
