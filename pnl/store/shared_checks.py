"""The checks of the newest snapshot as processes that follow are told them, against the log of what changed of them."""

import json
from collections import Counter
from typing import Any

from sqlalchemy import Connection, Row, select

from pnl.domain.snapshot import Json, instant
from pnl.ports import CheckChange
from pnl.store import bitemporal, schema
from pnl.store.facts import moment

_COUNTS = {"ok": "checks_ok", "failed": "checks_failed", "waiting": "checks_waiting"}


def faults(connection: Connection) -> tuple[int, list[str]]:
    """Return how many checks are told, and a sentence for each that is not what its snapshot logged."""
    kept = connection.execute(select(schema.checks.c.seq, schema.checks.c.body)).first()
    if kept is None:
        return 0, []
    of = f"the checks that processes that follow are told of snapshot {kept.seq}"
    row = connection.execute(select(schema.snapshot).where(schema.snapshot.c.seq == kept.seq)).first()
    if row is None:
        return 0, [f"{of}: there is no such snapshot"]
    told = _read(kept.body)
    if told is None:
        return 0, [f"{of} cannot be read"]
    logged = {(name, scope): change for name, scope, change in bitemporal.checks(connection, kept.seq)}
    wrong = [
        f"the check {one.get('name')} of {one.get('scope')}, as processes that follow are told it, is not what was kept"
        for one in told
        if not _as_logged(connection, one, logged, row)
    ]
    states = Counter(one.get("state") for one in told)
    if any(states[state] != getattr(row, column) for state, column in _COUNTS.items()):
        wrong.append(f"{of} are not as many as the snapshot counted")
    return len(told), wrong


def _read(body: str) -> list[dict[str, Json]] | None:
    try:
        told = json.loads(body)
    except ValueError:
        return None
    return told if isinstance(told, list) and all(isinstance(one, dict) for one in told) else None


def _as_logged(
    connection: Connection, told: dict[str, Json], logged: dict[tuple[str, str], CheckChange], row: Row[Any]
) -> bool:
    name, scope = told.get("name"), told.get("scope")
    if not isinstance(name, str) or not isinstance(scope, str):
        return False
    change = logged.get((name, scope))
    if change is None:
        return False
    wanted = change.stood(name, scope, row.net_n) | {"since": told.get("since")}
    return told == wanted and (told["since"] == instant(change.at) or _began(connection, told))


def _began(connection: Connection, told: dict[str, Json]) -> bool:
    """Tell whether a check came into its state at that instant once: one that was gone meanwhile may say so."""
    c = schema.check_log.c
    same = (c.name == told["name"], c.scope == told["scope"], c.state == told["state"])
    return any(
        instant(moment(at)) == told["since"] for at in connection.execute(select(c.at_us).where(*same)).scalars()
    )
