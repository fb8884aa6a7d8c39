"""Company days as rows of an export, made of what `GET /api/pnl/days` answers."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from pnl.domain.money import nano
from pnl.domain.snapshot import LINES
from pnl.export.cells import Value

Day = Mapping[str, Any]
"""A day as `/api/pnl/days` tells it: money as decimal strings."""


def row(day: Day) -> tuple[Value, ...]:
    """Return a day's row, in the order of `pnl.export.tables.DAYS`."""
    seen = day["as_seen"] or {}
    restated = day["restated_by"] or {}
    return (
        *(date.fromisoformat(day["day"]), at(day["start"]), at(day["end"])),
        *(money(day["lines"].get(line)) for line in LINES),
        *(money(day["net"]), money(day["net_realised"]), day["complete"]),
        *("+".join(day["missing"]), day["finality"], "+".join(day["flags"]), day["fills"], day["settlements"]),
        *(seen.get("seq"), at(seen.get("as_of")), money(seen.get("net")), money(seen.get("net_realised"))),
        *(money(seen.get("high")), money(seen.get("low")), words(seen.get("quality"))),
        money(restated.get("net")),
    )


def money(amount: str | None) -> int | None:
    """Return a decimal string as nano-dollars; None for what is not known."""
    return None if amount is None else nano(amount)


def at(spelt: str | None) -> datetime | None:
    """Return the instant that a text of the API spells."""
    return None if spelt is None else datetime.fromisoformat(spelt).astimezone(UTC)


def words(quality: str | list[str] | None) -> str | None:
    """Return a quality as one text, `ok` where nothing is wrong."""
    if quality is None or isinstance(quality, str):
        return quality
    return "+".join(quality) or "ok"
