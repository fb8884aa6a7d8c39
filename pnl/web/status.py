"""How the product itself does: nine measures with their limits, caches, breakers, the store, clients, versions."""

import platform
from collections import Counter
from collections.abc import Mapping, Sequence
from importlib.metadata import version

from flask import Blueprint, Response

from pnl import __version__
from pnl.domain.snapshot import Json, instant
from pnl.metrics.watch import Measure, Unit, Watch, resident
from pnl.ports import Cache, Hub, Store, Views
from pnl.web.answers import answer
from pnl.web.describe import content, operation
from pnl.web.query import given
from pnl.web.schemas import COUNT, FLAG, INSTANT, TEXT, listed, one_of, or_null, thing

MEASURES = ("api", "aggregation", "delivery", "cache", "database", "clients", "errors", "memory", "disk")
_COUNTS: dict[str, Json] = {"type": "object", "additionalProperties": COUNT}
_UNITS: Mapping[Unit, tuple[str, int]] = {
    "seconds": ("microseconds", 1_000_000),
    "part": ("ppm", 1_000_000),
    "bytes": ("bytes", 1),
    "clients": ("clients", 1),
}
_LIBRARIES = ("dash", "plotly", "flask", "gunicorn", "sqlalchemy", "httpx", "redis")

_RESTORED = thing(
    {"at": INSTANT, "series": TEXT, "seq": COUNT, "as_of": INSTANT, "trouble": or_null(TEXT)},
)

SCHEMAS: dict[str, Json] = {
    "BackupPlace": thing(
        {
            "place": TEXT,
            "verified_at": or_null(INSTANT),
            "seq": or_null(COUNT),
            "bytes": or_null(COUNT),
            "sent_at": or_null(INSTANT),
            "sent_seq": or_null(COUNT),
            "trouble": or_null(TEXT),
        }
    ),
    "Measure": thing(
        {
            "name": one_of(*MEASURES),
            "value": {"type": ["integer", "null"]},
            "unit": one_of("microseconds", "ppm", "bytes", "clients"),
            "warning": COUNT,
            "critical": COUNT,
            "more": FLAG,
            "state": one_of("ok", "warning", "critical", "idle"),
            "beside": {"type": "object", "additionalProperties": COUNT},
        }
    ),
}
PATHS: dict[str, Json] = {
    "/api/pnl/status": {
        "get": operation(
            "status",
            "How the process that answers does: nine measures with their limits, and what it is made of",
            {
                200: content(
                    "Of the last five minutes. `idle` is not measured: nothing of the kind was asked for, or another "
                    "process does it. With `more`, a value below its limit is the worse one. `ppm` are parts in a "
                    "million. `backed_up` is when the newest whole copy was proved, of the place of backups where that "
                    "was longest ago; `backups` tells of each place, and `restored` of the backup that the archive was "
                    "put back from, if it was.",
                    thing(
                        {
                            "at": INSTANT,
                            "measures": listed({"$ref": "#/components/schemas/Measure"}),
                            "cache": thing({"layers": _COUNTS, "redis": one_of("ok", "down", "off")}),
                            "breakers": listed(
                                thing({"name": TEXT, "state": one_of("closed", "open"), "failures": COUNT})
                            ),
                            "store": thing(
                                {
                                    "database": TEXT,
                                    "bytes": COUNT,
                                    "snapshots": COUNT,
                                    "records": COUNT,
                                    "backed_up": or_null(INSTANT),
                                }
                            ),
                            "backups": listed({"$ref": "#/components/schemas/BackupPlace"}),
                            "restored": or_null(_RESTORED),
                            "clients": {
                                **_COUNTS,
                                "description": "Live connections, those of panels in other sites' pages among them; "
                                "`embedded` are the latter alone.",
                            },
                            "process": thing(
                                {"role": one_of("all", "web"), "leads": FLAG, "began": INSTANT, "memory": COUNT}
                            ),
                            "versions": {"type": "object", "additionalProperties": TEXT},
                        }
                    ),
                )
            },
            problems=(503,),
        )
    }
}


def status(watch: Watch, store: Store, cache: Cache, hub: Hub, views: Views | None = None) -> Blueprint:
    """Return the route."""
    routes = Blueprint("status", __name__)
    versions = _versions()

    @routes.get("/api/pnl/status")
    def told() -> Response:
        given(())
        layers = cache.counts()
        facts = store.about()
        measures: list[Json] = [_told(measure) for measure in watch.measures()]
        breakers: list[Json] = [
            {"name": memory.name, "state": "open" if memory.failures else "closed", "failures": memory.failures}
            for memory in store.sources()
        ]
        return answer(
            {
                "at": instant(watch.clock.now()),
                "measures": measures,
                "cache": {"layers": {**layers}, "redis": cache.state()},
                "breakers": breakers,
                "store": {
                    "database": facts.database,
                    "bytes": facts.bytes,
                    "snapshots": store.head(),
                    "records": store.last_record(),
                    "backed_up": _oldest(facts.backups),
                },
                "backups": [*facts.backups],
                "restored": facts.restored,
                "clients": _clients(hub, views),
                "process": {
                    "role": watch.role,
                    "leads": watch.leads(),
                    "began": instant(watch.began),
                    "memory": resident(),
                },
                "versions": versions,
            }
        )

    return routes


def _clients(hub: Hub, views: Views | None) -> dict[str, Json]:
    """Return the connections of pages and of panels together, and of those that are open how many are panels'."""
    pages, panels = Counter(hub.counts), Counter(views.counts if views else {})
    return {**dict.fromkeys((*pages, *panels), 0), **(pages + panels), "embedded": panels["clients"]}


def _oldest(backups: Sequence[Json]) -> Json:
    """Return when the newest copy was proved of the place whose newest is the oldest; None where one has none."""
    times = [one["verified_at"] for one in backups if isinstance(one, dict)]
    return None if not times or None in times else min(map(str, times))


def _told(measure: Measure) -> Json:
    unit, times = _UNITS[measure.unit]
    beside: dict[str, Json] = {name: round(value) for name, value in measure.beside.items()}
    return {
        "name": measure.name,
        "value": None if measure.value is None else round(measure.value * times),
        "unit": unit,
        "warning": round(measure.warning * times),
        "critical": round(measure.critical * times),
        "more": measure.more,
        "state": measure.state,
        "beside": beside,
    }


def _versions() -> dict[str, Json]:
    """Return the versions of the product, of Python and of the libraries that matter most."""
    libraries: dict[str, Json] = {name: version(name) for name in _LIBRARIES}
    return {"northstar": __version__, "python": platform.python_version(), **libraries}
