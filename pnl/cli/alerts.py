"""`pnl alerts check`, `pnl alerts test RECEIVER`: whether the file of PNL_ALERTS_FILE is well, and a test arrives."""

import asyncio
import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

from pnl.alerts.file import AlertsFile, read_file
from pnl.alerts.sending import Sender
from pnl.cli.terminal import say
from pnl.clock import SystemClock
from pnl.config import Settings
from pnl.desk.alarms import home
from pnl.domain.alerts.incidents import trial
from pnl.errors import ConfigError


def add(commands: Any) -> None:  # noqa: ANN401 - argparse does not name the type of its subparsers
    """Add the command and its own commands."""
    parser = commands.add_parser("alerts", help="whether the file of PNL_ALERTS_FILE is well, and tests arrive")
    own = parser.add_subparsers(dest="action", required=True)
    own.add_parser("check", help="read the file, and say what is wrong with it").set_defaults(run=_check)
    test = own.add_parser("test", help="send a test to a receiver of the file, once")
    test.add_argument("receiver")
    test.set_defaults(run=_test)


def _check(_given: Namespace) -> int:
    _, found, path = _read()
    for rule in found.rules:
        say(f"{rule.name}  {rule.severity}  to {', '.join(rule.receivers) or 'the pages alone'}")
    for receiver in found.receivers.values():
        say(f"{receiver.name}  {receiver.kind}")
    say(f"{path} is well")
    return 0


def _test(given: Namespace) -> int:
    settings, found, path = _read()
    receiver = found.receivers.get(given.receiver)
    if receiver is None:
        known = ", ".join(found.receivers) or "none"
        raise ConfigError(f"there is no receiver {given.receiver[:40]!r} in {path}: there is {known}")
    clock = SystemClock()
    event = trial(receiver.name, clock.now(), demo=settings.demo)
    sender = Sender(clock=clock, series="pnl-alerts-test")
    attempt = asyncio.run(sender.send(receiver, event, found.public_url or home(settings)))
    if attempt.result == "sent":
        say(f"{receiver.name} has taken the test")
        return 0
    print(f"pnl: {receiver.name} has not taken the test: {attempt.error}", file=sys.stderr)  # noqa: T201 - the operator's terminal
    return 1


def _read() -> tuple[Settings, AlertsFile, Path]:
    settings = Settings.load(when_used=True)
    if settings.alerts_file is None:
        raise ConfigError("PNL_ALERTS_FILE is not set: name the file of rules and receivers in it")
    return settings, read_file(settings.alerts_file), settings.alerts_file
