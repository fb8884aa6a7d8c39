"""`pnl verify`: prove that nothing in the archive is missing, altered or unexplained."""

import argparse
import re
from argparse import Namespace
from typing import Any

from pnl.cli.terminal import say
from pnl.config import Settings
from pnl.ops.verify import verify

MOST = 20
"""Faults of one kind that are told by a line each: of what befell a whole archive there are as many as ticks."""


def add(commands: Any) -> None:  # noqa: ANN401 - argparse does not name the type of its subparsers
    """Add the command and its arguments."""
    parser = commands.add_parser("verify", help="prove that nothing in the archive is missing, altered or unexplained")
    parser.add_argument(
        "--noted",
        metavar="SEQ:HASH",
        type=_noted,
        help="the end of the chain as an earlier run told it, which must still be in it",
    )
    parser.add_argument(
        "--all", action="store_true", help=f"tell every fault; without it the first {MOST} of each kind"
    )
    parser.set_defaults(run=run)


def run(given: Namespace) -> int:
    """Walk the archive; 0 when all is well, 1 when something is not."""
    most = None if given.all else MOST
    return 0 if verify(Settings.load(when_used=True).database_url, say, noted=given.noted, most=most) else 1


def _noted(text: str) -> tuple[int, str]:
    found = re.fullmatch(r"(\d{1,18}):([0-9a-f]{64})", text)
    if found is None:
        raise argparse.ArgumentTypeError(f"{text[:80]!r} is not SEQ:HASH, such as 18204:9f86d081… (64 digits)")
    return int(found[1]), found[2]
