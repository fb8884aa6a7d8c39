"""How the sessions of one process are told from those of others in PostgreSQL: by what they are called."""

import secrets
from functools import cache


@cache
def _process() -> str:
    """Return a mark of this process, which no other one has, on whatever machine."""
    return secrets.token_hex(4)


def called(purpose: str) -> str:
    """Return the name of a session of this process, as `pg_stat_activity` shows it."""
    return f"northstar-pnl {purpose} {_process()}"


def beside(name: str, purpose: str) -> str:
    """Return what a session for another purpose is called in the process that has the session `name`."""
    return f"northstar-pnl {purpose} {name.rpartition(' ')[2]}"
