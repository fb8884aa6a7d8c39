"""Explanations of a fake company: trees that add up to what its snapshot shows, as `/api/pnl/explain` tells them."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from pnl.domain.snapshot import LINES, Json, instant
from tests.browser.fake import MARKETS, Company

REVENUE = ("revenue", "refunds", "processor_fees", "adjustments")
TITLES = {
    "net": "Net P&L",
    "revenue_total": "Revenue",
    "revenue": "Revenue",
    "trading_realised": "Realised",
    "trading_unrealised": "Unrealised",
    "trading_fees": "Trading fees",
    "api_cost": "API cost",
}
RECORDS_A_MARKET = 3

Tree = dict[str, Any]


def explained(company: Company, query: Mapping[str, str]) -> Tree | None:
    """Return the answer to a question; None for a figure or a node that there is not."""
    figure, path = query["figure"], query.get("node", "")
    root = _figure(company, figure)
    found = _found(root, path) if root else None
    if root is None or found is None:
        return None
    seq = int(query.get("at", company.seq))
    return {
        "figure": figure,
        "title": root["title"],
        "text": f"What {root['title']} is made of, by market and then by record.",
        "at": {"seq": seq, "as_of": instant(company.now()), "day": company.start().date().isoformat()},
        "as_seen": True,
        "node": path,
        **{name: found[name] for name in ("amount", "rule", "count", "unit", "note")},
        "children": [_told(child) for child in found["children"]],
        "checks": company.covering,
        "next": None,
    }


def _told(node: Tree) -> Tree:
    """Return a node as a child: its own children only where they are few."""
    told = {name: value for name, value in node.items() if name != "children"}
    if len(node["children"]) == 1 or node["rule"] == "product":
        told["children"] = [_told(child) for child in node["children"]]
    return told


def _found(node: Tree, path: str) -> Tree | None:
    if node["node"] == path:
        return node
    for child in node["children"]:
        found = _found(child, path)
        if found:
            return found
    return None


def _figure(company: Company, figure: str) -> Tree | None:
    lines = company.lines()
    if figure == "net":
        return _sum("", "Net P&L", [_line(company, name, name) for name in LINES if lines[name] is not None])
    if figure == "revenue_total":
        return _sum("", "Revenue", [_line(company, name, name) for name in REVENUE])
    if figure in lines:
        return _line(company, "", figure) if lines[figure] is not None else _unknown(figure)
    if figure.endswith(".value"):
        rows = {row[0]: row for row in MARKETS}
        ticker = figure.split(".", 1)[1].removesuffix(".value")
        if ticker not in rows:
            return _sum("", "Value, open positions", [_value(company, name, name) for name in rows])
        return _value(company, "", ticker)
    return None


def _unknown(figure: str) -> Tree:
    return {**_node("", TITLES.get(figure, figure), None, "sum", []), "note": "not known: its source has not answered"}


def _line(company: Company, path: str, name: str) -> Tree:
    """Return a line as the sum of three markets, each of three records that add up to it exactly."""
    total = Decimal(company.lines()[name] or 0).scaleb(-9)
    if not total:
        return _node(path, TITLES.get(name, name), Decimal(0), "sum", [])
    markets = MARKETS[: min(3, len(MARKETS))]
    minus = _cut(-total * Decimal("1.5"))
    shares = [total * 2, minus, -total - minus]
    parts = [
        _market(company, f"{path}/{ticker}" if path else ticker, name, title, share)
        for (ticker, title, *_), share in zip(markets, shares, strict=True)
    ]
    return _sum(path, TITLES.get(name, name.replace("_", " ").capitalize()), parts)


def _market(company: Company, path: str, line: str, title: str, amount: Decimal) -> Tree:
    half, quarter = _cut(amount / 2), _cut(amount / 4)
    shares = [half, quarter, amount - half - quarter]
    return _sum(path, title, [_record(company, path, line, place, share) for place, share in enumerate(shares)])


def _cut(amount: Decimal) -> Decimal:
    """Return whole billionths of a dollar, as everything is counted in."""
    return amount.quantize(Decimal("1e-9"))


def _record(company: Company, path: str, line: str, place: int, amount: Decimal) -> Tree:
    at = company.now() - timedelta(minutes=7 + 41 * place + len(path))
    ident = f"{line[:3]}_{path.rsplit('/', maxsplit=1)[-1][-6:].lower()}-{place}"
    record: dict[str, Json] = {
        "source": "kalshi",
        "kind": "fill",
        "id": ident,
        "version": 1,
        "at": instant(at),
        "amount": f"{amount:f}",
        "detail": {
            "ticker": path.rsplit("/", maxsplit=1)[-1],
            "side": "yes",
            "count": "120.00",
            "price": "0.67",
            "fee": "0.85",
            "is_taker": True,
        },
    }
    company.recorded[ident] = record
    return {**_node(f"{path}/{ident}", "YES 120.00 at 0.67", amount, "record", []), "record": record}


def _value(company: Company, path: str, ticker: str) -> Tree:
    _, title, side, count, _, mark, _ = next(row for row in MARKETS if row[0] == ticker)
    move = company.moved[[row[0] for row in MARKETS].index(ticker)]
    price = Decimal(mark + move).scaleb(-2)
    below = f"{path}/" if path else ""
    quote = {"ticker": ticker, "at": instant(company.now()), "side": side, "price": f"{price:f}", "source": "bid"}
    factors = [
        {**_node(f"{below}contracts", f"{count} {side.upper()}", Decimal(count), "mark", []), "unit": "contracts"},
        {**_node(f"{below}mark", f"{side.upper()}: best bid", price, "mark", []), "mark": quote},
    ]
    return _node(path, title if path else "Value", price * count, "product", factors)


def _sum(path: str, title: str, children: list[Tree]) -> Tree:
    return _node(path, title, sum((Decimal(child["amount"]) for child in children), Decimal(0)), "sum", children)


def _node(path: str, title: str, amount: Decimal | None, rule: str, children: list[Tree]) -> Tree:
    return {
        "node": path,
        "title": title,
        "amount": None if amount is None else f"{amount:f}",
        "rule": rule,
        "unit": "usd",
        "count": len(children),
        "note": "",
        "children": children,
    }
