"""The shapes of what the API says, as JSON Schema; names are those that OpenAPI shows."""

from collections.abc import Mapping

from pnl.domain.snapshot import LINES, Json

_DECIMAL = r"^-?[0-9]+(\.[0-9]+)?$"
_INSTANT = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$"
_DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"

TEXT: dict[str, Json] = {"type": "string"}
VERSION: dict[str, Json] = {"type": "integer", "minimum": 1}
COUNT: dict[str, Json] = {"type": "integer", "minimum": 0}
FLAG: dict[str, Json] = {"type": "boolean"}
MONEY: dict[str, Json] = {"type": "string", "pattern": _DECIMAL}
MONEY_OR_NULL: dict[str, Json] = {"type": ["string", "null"], "pattern": _DECIMAL}
INSTANT: dict[str, Json] = {"type": "string", "pattern": _INSTANT}
SECOND_OR_NULL: dict[str, Json] = {"type": ["string", "null"], "pattern": _INSTANT.replace(r"\.[0-9]{3}", "")}
INSTANT_OR_NULL: dict[str, Json] = {"type": ["string", "null"], "pattern": _INSTANT}
DAY: dict[str, Json] = {"type": "string", "pattern": _DAY}
DAY_OR_NULL: dict[str, Json] = {"type": ["string", "null"], "pattern": _DAY}
TEXT_OR_NULL: dict[str, Json] = {"type": ["string", "null"]}
ANYTHING: dict[str, Json] = {}


FINALITIES: tuple[str, ...] = ("estimated", "provisional", "final")


def one_of(*names: str | None) -> dict[str, Json]:
    """Return the schema of one of some words."""
    return {"enum": list[Json](names)}


def listed(item: dict[str, Json]) -> dict[str, Json]:
    """Return the schema of a list."""
    return {"type": "array", "items": item}


def or_null(schema: dict[str, Json]) -> dict[str, Json]:
    """Return the schema of something, or of null."""
    return {"anyOf": list[Json]([schema, {"type": "null"}])}


def line_finality() -> dict[str, Json]:
    """Return the schema of how sure each line is; null where its amount is not known."""
    return thing(dict.fromkeys(LINES, one_of(*FINALITIES, None)))


def thing(properties: Mapping[str, Json], optional: tuple[str, ...] = (), *, closed: bool = True) -> dict[str, Json]:
    """Return the schema of an object with these properties, all there but the `optional`; no others if `closed`."""
    required = [name for name in properties if name not in optional]
    made: dict[str, Json] = {"type": "object", "properties": dict(properties), "required": list[Json](required)}
    if closed:
        made["additionalProperties"] = False
    return made


def _of(name: str) -> dict[str, Json]:
    return {"$ref": f"#/components/schemas/{name}"}


_CASES: dict[str, Json] = dict.fromkeys(("best_case", "worst_case", "expected"), MONEY_OR_NULL)

SCHEMAS: dict[str, Json] = {
    "Problem": thing(
        {
            "type": TEXT,
            "title": TEXT,
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            "detail": TEXT,
            "parameter": TEXT,
        },
        optional=("parameter",),
    ),
    "Position": thing(
        {
            "ticker": TEXT,
            "title": TEXT,
            "position": MONEY,
            "side": one_of("yes", "no", None),
            "average_price": MONEY_OR_NULL,
            "mark": MONEY_OR_NULL,
            "mark_source": one_of("bid", "mid", "settlement", "none"),
            "last_price": MONEY_OR_NULL,
            "value": MONEY_OR_NULL,
            "exposure": MONEY,
            "unrealised": MONEY_OR_NULL,
            "realised": MONEY,
            "fees": MONEY,
            "total_traded": MONEY,
            "close_time": INSTANT_OR_NULL,
            "best_case": MONEY_OR_NULL,
            "worst_case": MONEY_OR_NULL,
            "expected": MONEY_OR_NULL,
            "settled": FLAG,
            "event": TEXT_OR_NULL,
            "exclusive": FLAG,
        },
        closed=False,
    ),
    "Source": thing(
        {
            "status": one_of("live", "cached", "stale", "down", "off"),
            "as_of": SECOND_OR_NULL,
            "complete_through": DAY_OR_NULL,
            "next_attempt": SECOND_OR_NULL,
            "error": TEXT_OR_NULL,
        }
    ),
    "Snapshot": thing(
        {
            "schema": {"const": "pnl-snapshot/1"},
            "seq": COUNT,
            "as_of": INSTANT,
            "day": DAY,
            "demo": FLAG,
            "finality": one_of(*FINALITIES),
            "line_finality": line_finality(),
            "lines": thing(dict.fromkeys(LINES, MONEY_OR_NULL)),
            "net": MONEY_OR_NULL,
            "net_realised": MONEY_OR_NULL,
            "complete": FLAG,
            "missing": listed(TEXT),
            "flags": listed(TEXT),
            "account": thing(dict.fromkeys(("cash", "positions_value", "exposure", "equity"), MONEY_OR_NULL)),
            "sources": {"type": "object", "additionalProperties": _of("Source")},
            "checks": thing({"ok": COUNT, "failed": COUNT, "waiting": COUNT}),
            "positions": listed(_of("Position")),
            "alerts": thing(
                {
                    "firing": COUNT,
                    "critical": COUNT,
                    "worst": listed(thing({"name": TEXT, "since": INSTANT})),
                    "changed": COUNT,
                }
            ),
        },
        optional=("alerts",),
        closed=False,
    ),
    "Positions": thing(
        {"seq": COUNT, "positions": listed(_of("Position")), "outcome": _of("Outcome"), "flags": listed(TEXT)},
        optional=("flags",),
    ),
    "Outcome": thing(
        {
            **_CASES,
            "events": listed(
                thing(
                    {
                        "event": TEXT,
                        "exclusive": FLAG,
                        "markets": listed(TEXT),
                        **_CASES,
                        "best_market": TEXT_OR_NULL,
                        "worst_market": TEXT_OR_NULL,
                    }
                )
            ),
        }
    ),
    "Check": thing(
        {
            "name": TEXT,
            "scope": TEXT_OR_NULL,
            "expected": TEXT_OR_NULL,
            "actual": TEXT_OR_NULL,
            "difference": TEXT_OR_NULL,
            "tolerance": TEXT_OR_NULL,
            "state": one_of("ok", "failed", "waiting"),
            "since": INSTANT_OR_NULL,
        },
        closed=False,
    ),
    "Checks": thing({"seq": COUNT, "checks": listed(_of("Check"))}),
}
