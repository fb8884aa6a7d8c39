"""The command line: `python -m pnl COMMAND`; each command is a module here, with `add` and what it runs."""

import argparse
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from typing import Any, Final

from pnl import __version__
from pnl.errors import PnlError, SecretUnavailable

HUNG_UP = 141
"""The exit code where whoever reads what is said has gone, as of `pnl verify | head`: what a shell makes of SIGPIPE."""
LATER = 4
"""The exit code where a secret that is needed cannot be read now and may be later on, as of a start."""
COMMANDS: Final = (
    "doctor",
    "verify",
    "sla",
    "backup",
    "restore",
    "drill",
    "export",
    "migrate-store",
    "users",
    "tokens",
    "alerts",
)


def parser(only: Iterable[str] = COMMANDS) -> argparse.ArgumentParser:
    """Return what reads the arguments of commands; what one of them needs alone is loaded for that one."""
    made = argparse.ArgumentParser(prog="pnl", description="NorthStar P&L from a terminal.")
    made.add_argument("--version", action="version", version=__version__)
    commands: Any = made.add_subparsers(dest="command", required=True)
    for name in only:
        import_module(f"pnl.cli.{name.replace('-', '_')}").add(commands)
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the arguments say; return the exit code: 0 well, 1 something is wrong, 2 a setting is, 4 no secret.

    A command whose reader has gone ends there, in silence: what it had still to say, nobody would hear.
    """
    arguments = sys.argv[1:] if arguments is None else arguments
    asked = [name for name in arguments[:1] if name in COMMANDS]
    given = parser(asked or COMMANDS).parse_args(arguments)
    run: Callable[[argparse.Namespace], int] = given.run
    try:
        return run(given)
    except PnlError as error:
        print(f"pnl: {error}", file=sys.stderr)  # noqa: T201 - the operator's terminal
        return failed(error)
    except BrokenPipeError:
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, sys.stdout.fileno())  # or Python would try once more as it ends, and complain
        os.close(silence)
        return HUNG_UP


def failed(error: PnlError) -> int:
    """Return the exit code of a command that an error ends."""
    return LATER if isinstance(error, SecretUnavailable) else 2
