"""`pnl doctor`, `pnl doctor --quick`: make a few calls to each source and say whether the keys work."""

from argparse import Namespace
from typing import Any

from pnl.cli.terminal import say
from pnl.clock import SystemClock
from pnl.config import Settings
from pnl.desk import sources
from pnl.desk.upstreams import without
from pnl.logs import hiding
from pnl.ops.doctor import examine
from pnl.sources.anthropic.source import AnthropicSource


def add(commands: Any) -> None:  # noqa: ANN401 - argparse does not name the type of its subparsers
    """Add the command and its arguments."""
    parser = commands.add_parser("doctor", help="make a few calls to each source and say whether the keys work")
    parser.add_argument(
        "--quick",
        action="store_true",
        help="ask Anthropic four times at once, not a minute apart: a short burst, which it allows now and then",
    )
    parser.set_defaults(run=run)


def run(given: Namespace) -> int:
    """Examine every source; 0 when all is well."""
    settings, unread = Settings.load(when_used=True).opened()
    if settings.demo:
        say("No source is configured: the built-in sandbox feeds the pages, and there is no key to examine.")
    for name, origin in settings.origins.items():
        say(f"FAIL  {unread[name]}" if name in unread else f"{name} comes from {origin}")
    patients = [] if settings.demo else sources(without(settings, unread), SystemClock())
    for patient in patients:
        if given.quick and isinstance(patient, AnthropicSource):
            patient.check_pause_seconds = 0
    hidden = hiding(settings.secrets)  # an answer may quote the key that it was asked with
    well = examine(patients, lambda line: say(hidden(line)))
    return 0 if well and not unread else 1
