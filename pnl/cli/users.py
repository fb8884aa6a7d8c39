"""`pnl users`: who may sign in with a password, and as what."""

import argparse
import getpass
import re
import sys
from argparse import Namespace
from typing import Any

from pnl.access.passwords import hashed, weakness
from pnl.access.people import ROLES, User
from pnl.access.ways import plain
from pnl.cli.accounts import accounts
from pnl.cli.terminal import say
from pnl.errors import StoreDamaged

DAMAGED = 3
"""The exit code of `users list` where the database is damaged: a start can restore it, and whoever waits with that for
the list, as in a cluster, need not."""


def add(commands: Any) -> None:  # noqa: ANN401 - argparse does not name the type of its subparsers
    """Add the command and its own commands."""
    parser = commands.add_parser("users", help="who may sign in with a password (PNL_AUTH=password)")
    own = parser.add_subparsers(dest="action", required=True)
    made = own.add_parser("add", help="add somebody; the password is asked for, or read from standard input")
    made.add_argument("name", type=_name)
    made.add_argument("--role", choices=ROLES, default="viewer", help="an editor may enter and change; default: viewer")
    made.set_defaults(run=_add)
    changed = own.add_parser("role", help="change what somebody may do")
    changed.add_argument("name", type=_name)
    changed.add_argument("role", choices=ROLES)
    changed.set_defaults(run=_role)
    secret = own.add_parser("password", help="give somebody a new password; ends the sessions of that name")
    secret.add_argument("name", type=_name)
    secret.set_defaults(run=_password)
    gone = own.add_parser("remove", help="let somebody in no longer; ends the sessions of that name")
    gone.add_argument("name", type=_name)
    gone.set_defaults(run=_remove)
    out = own.add_parser("sign-out", help="end the sessions of a name, also of somebody whom a provider signed in")
    out.add_argument("name", type=plain)
    out.set_defaults(run=_sign_out)
    own.add_parser("list", help="show everybody").set_defaults(run=_list)


def _add(given: Namespace) -> int:
    with accounts() as kept:
        if kept.user(given.name):
            return _wrong(f"{given.name} is there already: see `pnl users password` and `pnl users role`")
        password = _asked(given.name)
        if password is None:
            return 1
        kept.put_user(User(name=given.name, role=given.role, password=hashed(password)))
    say(f"{given.name} may sign in, as {_article(given.role)}")
    return 0


def _role(given: Namespace) -> int:
    with accounts() as kept:
        user = kept.user(given.name)
        if user is None:
            return _wrong(f"there is no user {given.name}")
        kept.put_user(User(name=user.name, role=given.role, password=user.password))
    say(f"{given.name} is {_article(given.role)} from now on, and signs in anew")
    return 0


def _password(given: Namespace) -> int:
    with accounts() as kept:
        user = kept.user(given.name)
        if user is None:
            return _wrong(f"there is no user {given.name}")
        password = _asked(given.name)
        if password is None:
            return 1
        kept.put_user(User(name=user.name, role=user.role, password=hashed(password)))
    say(f"{given.name} has a new password, and signs in anew")
    return 0


def _remove(given: Namespace) -> int:
    with accounts() as kept:
        if not kept.drop_user(given.name):
            return _wrong(f"there is no user {given.name}")
    say(f"{given.name} may no longer sign in")
    return 0


def _sign_out(given: Namespace) -> int:
    with accounts() as kept:
        ended = kept.close_sessions(given.name)
    if not ended:
        return _wrong(f"nobody of the name {given.name} is signed in")
    say(f"{given.name} is signed out: {ended} session{'s' if ended > 1 else ''} ended")
    return 0


def _list(_: Namespace) -> int:
    try:
        with accounts() as kept:
            for user in kept.users():
                say(f"{user.name}  {user.role}")
    except StoreDamaged as error:
        _wrong(str(error))
        return DAMAGED
    return 0


def _asked(name: str) -> str | None:
    """Return a new password; None, and why on the terminal, if it will not do."""
    if sys.stdin.isatty():
        password = getpass.getpass(f"Password for {name}: ")
        if getpass.getpass("Once more: ") != password:
            _wrong("the two are not the same: nothing was changed")
            return None
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    trouble = weakness(password, name)
    if trouble:
        _wrong(f"{trouble}; nothing was changed")
        return None
    return password


def _name(text: str) -> str:
    name = text.strip().lower()
    if not re.fullmatch(r"[a-z0-9][a-z0-9._@+-]{0,99}", name):
        raise argparse.ArgumentTypeError(f"{text[:80]!r} is no name: give letters, digits and . _ @ + -")
    return name


def _article(role: str) -> str:
    return f"an {role}" if role == "editor" else f"a {role}"


def _wrong(text: str) -> int:
    print(f"pnl: {text}", file=sys.stderr)  # noqa: T201 - the operator's terminal
    return 1
