"""The questions that an operator asks once: is the key good, which reports are there, do they agree?"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal, localcontext

from pnl.clock import Clock
from pnl.domain.records import Cost, Record, Usage
from pnl.errors import SourceError, SourceRejected
from pnl.ports import Finding
from pnl.sources.anthropic import analytics, legacy
from pnl.sources.anthropic.notes import Mode
from pnl.sources.anthropic.paging import NAME, Reports
from pnl.sources.anthropic.prices import Prices
from pnl.sources.failures import told
from pnl.sources.reading import reading

ME_PATH = "/v1/organizations/me"
AVAILABLE = "available"


async def examine(reports: Reports, prices: Prices, clock: Clock, mode: Mode, pause_seconds: float) -> list[Finding]:
    """Ask for the organisation, its cost, its usage, and the analytics API, `pause_seconds` apart."""
    today = datetime.combine(clock.now().date(), time(), UTC)
    yesterday, tomorrow = today - timedelta(days=1), today + timedelta(days=1)
    reported: list[Record] = []
    used: list[Record] = []

    async def me() -> str:
        answer = await reports.get(ME_PATH)
        with reading(NAME, ME_PATH):
            return f"the key belongs to {answer.json()['name']}"

    async def cost() -> str:
        reported.extend((await legacy.costs(reports, prices, yesterday, tomorrow))[0])
        return f"yesterday {_dollars(_cost(reported, yesterday))}, today so far {_dollars(_cost(reported, today))}"

    async def usage() -> str:
        used.extend((await legacy.usage(reports, prices, yesterday, tomorrow))[0])
        text = f"yesterday at list {_dollars(_listed(used, yesterday))}"
        return f"{text} against {_dollars(_cost(reported, yesterday))} reported{_unpriced(used)}"

    async def beta() -> str:
        records, _, watermark = await analytics.costs(reports, prices, yesterday, tomorrow)
        if watermark is None:
            return "nothing exported yet"
        return (
            f"{AVAILABLE}, complete to {watermark:%Y-%m-%d %H:%M} UTC; yesterday {_dollars(_cost(records, yesterday))}"
        )

    found: list[Finding] = []
    asks: dict[str, Callable[[], Awaitable[str]]] = {"me": me, "cost": cost, "usage": usage, "analytics": beta}
    if mode == "legacy":
        del asks["analytics"]
    for number, (name, ask) in enumerate(asks.items()):
        if number:
            await asyncio.sleep(pause_seconds)
        try:
            found.append(Finding(name=name, ok=True, text=await ask()))
        except SourceError as error:
            found.append(_failed(name, error, mode))
    return [*found, _mode(mode, found)]


def _failed(name: str, error: SourceError, mode: Mode) -> Finding:
    if name == "analytics" and mode == "auto" and isinstance(error, SourceRejected) and error.status != 401:
        return Finding(name=name, ok=True, text=f"not to be had, and not needed: {error}")
    return Finding(name=name, ok=False, text=told(error, "PNL_ANTHROPIC_ADMIN_KEY", "PNL_ANTHROPIC_BASE_URL"))


def _mode(mode: Mode, found: list[Finding]) -> Finding:
    """Return which report the cost is read from, by the setting and by what was found."""
    exported = any(one.name == "analytics" and one.ok and one.text.startswith(AVAILABLE) for one in found)
    chosen = "analytics" if mode == "analytics" or (mode == "auto" and exported) else "legacy"
    return Finding(name="mode", ok=True, text=f"PNL_ANTHROPIC_MODE={mode}: the cost is read as {chosen}")


def _cost(records: list[Record], day: datetime) -> Decimal:
    rows = (record.fact for record in records if isinstance(record.fact, Cost))
    with localcontext(prec=60):
        return sum((row.amount for row in rows if row.start.date() == day.date()), Decimal(0))


def _listed(records: list[Record], day: datetime) -> Decimal:
    rows = (record.fact for record in records if isinstance(record.fact, Usage))
    with localcontext(prec=60):
        return sum(
            (value for row in rows if row.start.date() == day.date() for value in row.list_values.values() if value),
            Decimal(0),
        )


def _unpriced(records: list[Record]) -> str:
    rows = (record.fact for record in records if isinstance(record.fact, Usage))
    names = sorted({row.model or "(none)" for row in rows if None in row.list_values.values()})
    return f"; no list price for {', '.join(names)}" if names else ""


def _dollars(amount: Decimal) -> str:
    return f"${amount:,.2f}"
