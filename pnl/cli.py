"""The command line: `python -m pnl doctor`, `python -m pnl doctor --quick`, `python -m pnl --version`."""

import argparse
import sys
from collections.abc import Sequence

from pnl import __version__
from pnl.clock import SystemClock
from pnl.config import Settings
from pnl.desk import sources
from pnl.errors import PnlError
from pnl.ops.doctor import examine
from pnl.sources.anthropic.source import AnthropicSource


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the arguments say; return the exit code: 0 well, 1 something is wrong, 2 a setting is."""
    parser = argparse.ArgumentParser(prog="pnl", description="NorthStar P&L from a terminal.")
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True)
    doctor = commands.add_parser("doctor", help="make a few calls to each source and say whether the keys work")
    doctor.add_argument(
        "--quick",
        action="store_true",
        help="ask Anthropic four times at once, not a minute apart: a short burst, which it allows now and then",
    )
    quick = parser.parse_args(arguments).quick
    try:
        settings = Settings.load()
        if settings.demo:
            say("No source is configured: the built-in sandbox feeds the pages, and there is no key to examine.")
            return 0
        patients = sources(settings, SystemClock())
        for patient in patients:
            if quick and isinstance(patient, AnthropicSource):
                patient.check_pause_seconds = 0
        return 0 if examine(patients, say) else 1
    except PnlError as error:
        print(f"pnl: {error}", file=sys.stderr)  # noqa: T201 - the operator's terminal
        return 2


def say(line: str) -> None:
    """Print a line at once."""
    print(line, flush=True)  # noqa: T201 - the operator's terminal
