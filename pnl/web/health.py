"""Liveness for whoever restarts us or sends us people, and readiness for whoever waits for us or is to be told."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final

from flask import Blueprint, Response

from pnl.clock import Clock, SystemClock
from pnl.domain.snapshot import Json
from pnl.errors import StoreDamaged, StoreError
from pnl.ports import Figures, Store
from pnl.web.answers import answer
from pnl.web.describe import content, operation
from pnl.web.schemas import FLAG, TEXT, listed, one_of, thing

_HEALTH = thing({"status": one_of("ok", "failing"), "detail": {"type": "object"}})
_READY = thing({"ready": FLAG, "reasons": listed(TEXT), "warnings": listed(TEXT)}, ("warnings",))

PATHS: dict[str, Json] = {
    "/healthz": {
        "get": operation(
            "healthz",
            "Whether the process answers",
            {200: content("It does. `status` is `failing` while ticks are late; `detail` says why.", _HEALTH)},
            description="For whoever restarts it, and for a balancer, which may send people to a node that shows "
            "the last figures with their age: what a restart would not mend, a source or a database that is away, "
            "is told by `/readyz`. A process whose ticks hang ends itself.",
        )
    },
    "/readyz": {
        "get": operation(
            "readyz",
            "Whether there is something to show",
            {
                200: content("There is; `warnings` say what somebody should look at.", _READY),
                503: content("Not yet; `reasons` say why.", _READY),
            },
        )
    },
}


UNSENT: Final = timedelta(minutes=5)
"""So long nothing may be sent to a place of backups, which is sent what came every minute, before that is told."""


def health(figures: Figures, store: Store, clock: Clock | None = None) -> Blueprint:
    """Return the routes.

    Args:
        figures: What is shown.
        store: The archive.
        clock: The time; the system's when not given.
    """
    routes = Blueprint("health", __name__)
    clock = clock or SystemClock()

    @routes.get("/healthz")
    def healthz() -> Response:
        status, detail = figures.health()
        return answer({"status": status, "detail": detail})

    @routes.get("/readyz")
    def readyz() -> Response:
        reasons: list[Json] = []
        state, detail = figures.health()
        warnings: list[Json] = [detail["waiting"]] if detail.get("waiting") else []
        if state != "ok":
            reasons.append("ticks are not made in time: see /healthz")
        if figures.current() is None:
            reasons.append("the first statement is not made yet")
        damaged = detail.get("damaged")
        try:
            store.last_row()
            warnings += backups_told(store.about().backups, clock.now())
        except StoreDamaged as error:
            damaged = damaged or str(error)
        except StoreError as error:
            reasons.append(f"the database does not answer: {type(error).__name__}")
        if damaged:
            reasons.append(f"{damaged}; docs/how-to/restore-at-night.md tells how, and when it is done without a hand")
        told: dict[str, Json] = {"ready": not reasons, "reasons": reasons}
        if warnings:
            told["warnings"] = warnings
        return answer(told, 503 if reasons else 200)

    return routes


def backups_told(places: Iterable[Json], now: datetime) -> Iterator[Json]:
    """Give what is wrong with the backups, a line for each place, as whoever makes the ticks told it."""
    for one in places:
        if not isinstance(one, dict):
            continue
        sent = one.get("sent_at")
        late = isinstance(sent, str) and now - datetime.fromisoformat(sent) > UNSENT
        told = [f"nothing was sent since {sent}"] if late else []
        if trouble := one.get("trouble"):
            told.append(str(trouble))
        if told:
            yield f"backups in {one['place']}: {'; '.join(told)}"
