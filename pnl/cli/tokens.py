"""`pnl tokens`: what programs show to read the API, or to write to it."""

import argparse
import getpass
import sys
from argparse import Namespace
from typing import Any

from pnl.access.keys import Keys
from pnl.access.people import SCOPES
from pnl.cli.accounts import accounts
from pnl.cli.terminal import say
from pnl.clock import SystemClock


def add(commands: Any) -> None:  # noqa: ANN401 - argparse does not name the type of its subparsers
    """Add the command and its own commands."""
    parser = commands.add_parser("tokens", help="what programs show to use the API")
    own = parser.add_subparsers(dest="action", required=True)
    made = own.add_parser("add", help="make a token; it is shown once")
    made.add_argument("name", type=_name, help="what it is for")
    made.add_argument(
        "--scope",
        choices=SCOPES,
        action="append",
        help="what it may do, and nothing else: read everything (default), write entries, manage the rest, or read "
        "/metrics; a program that does several needs each: give it again",
    )
    made.add_argument("--days", type=_days, default=90, help="how long it holds; default: 90")
    made.set_defaults(run=_add)
    ended = own.add_parser("revoke", help="let a token in no longer")
    ended.add_argument("number", help="as `pnl tokens list` shows it")
    ended.set_defaults(run=_revoke)
    own.add_parser("list", help="show all tokens, without their secret part").set_defaults(run=_list)


def _add(given: Namespace) -> int:
    scopes = frozenset(given.scope or ["read"])
    with accounts() as kept:
        token, text = Keys(kept, SystemClock()).make_token(given.name, scopes, given.days, getpass.getuser())
    say(text)
    what = ", ".join(sorted(scopes))
    print(  # noqa: T201 - the operator's terminal; the token alone goes to standard output
        f"This is shown once. Its {'scope is' if len(scopes) == 1 else 'scopes are'} {what}, "
        f"and it holds until {token.until:%Y-%m-%d}. Send it as `Authorization: Bearer …`.",
        file=sys.stderr,
    )
    return 0


def _revoke(given: Namespace) -> int:
    with accounts() as kept:
        if not kept.end_token(given.number, SystemClock().now()):
            print(f"pnl: there is no token {given.number} that holds", file=sys.stderr)  # noqa: T201 - as above
            return 1
    say(f"{given.number} is revoked")
    return 0


def _list(_: Namespace) -> int:
    now = SystemClock().now()
    with accounts() as kept:
        for token in kept.tokens():
            state = "revoked" if token.ended else "over" if token.until <= now else f"until {token.until:%Y-%m-%d}"
            what = ",".join(sorted(token.scopes))
            say(f"{token.number}  {what}  {state}  by {token.made_by}  {token.name}")
    return 0


def _name(text: str) -> str:
    if not text.strip() or len(text) > 60 or not text.isprintable():
        raise argparse.ArgumentTypeError("give a name of 60 characters at most")
    return text.strip()


def _days(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 3650:
        raise argparse.ArgumentTypeError(f"{text[:20]!r} is no number of days from 1 to 3650")
    return int(text)
