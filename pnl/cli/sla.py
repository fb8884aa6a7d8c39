"""`pnl sla`: the month's uptime against its budget."""

import argparse
import json
import re
from argparse import Namespace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from pnl.cli.terminal import say
from pnl.clock import SystemClock
from pnl.config import Settings
from pnl.domain.company_day import Calendar
from pnl.ops.sla import lines, uptime
from pnl.store import SqlStore
from pnl.store.verification import opened


def add(commands: Any) -> None:  # noqa: ANN401 - argparse does not name the type of its subparsers
    """Add the command and its arguments."""
    parser = commands.add_parser("sla", help="the month's uptime against its budget, and where ticks are missing")
    parser.add_argument("--month", metavar="YYYY-MM", type=_month, help="a month of company days; this one")
    parser.add_argument(
        "--target", metavar="PERCENT", type=_target, default=Decimal("0.999"), help="what is promised; 99.9"
    )
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.set_defaults(run=run)


def run(given: Namespace) -> int:
    """Tell it; 0 when the budget is kept, 1 when it is overdrawn or nothing of the month is kept."""
    settings, now = Settings.load(when_used=True), SystemClock().now()
    calendar = Calendar(settings.zone)
    month = given.month or calendar.day(now).replace(day=1)
    following = (month + timedelta(days=31)).replace(day=1)
    bounds = (calendar.bounds(month)[0], calendar.bounds(following)[0])
    with opened(settings.database_url) as database:
        found = uptime(SqlStore(database, zone=settings.zone), month, bounds, now=now, target=given.target)
    if found is None:
        say(json.dumps(None) if given.json else f"Nothing of {month:%Y-%m} is kept.")
        return 1
    for line in [json.dumps(found.to_json(), indent=2)] if given.json else lines(found):
        say(line)
    return 0 if found.kept else 1


def _month(text: str) -> date:
    found = re.fullmatch(r"(\d{4})-(0[1-9]|1[0-2])", text, re.ASCII)
    if found is None or not 1970 <= int(found[1]) < 9999:
        raise argparse.ArgumentTypeError(f"{text[:20]!r} is no month, such as 2026-11")
    return date(int(found[1]), int(found[2]), 1)


def _target(text: str) -> Decimal:
    if not re.fullmatch(r"\d{1,2}(\.\d{1,4})?", text, re.ASCII) or not Decimal(text):
        raise argparse.ArgumentTypeError(f"{text[:20]!r} is no percentage above 0 and below 100, such as 99.9")
    return Decimal(text) / 100
