"""JSON bodies, read strictly: one object, no field twice, no number that is not whole."""

import json
from typing import Any, NamedTuple

from pnl.errors import RuleError
from pnl.web.sent import sent

LARGEST = 16 * 1024


class _Number(NamedTuple):
    """A JSON number with a point or an exponent: no field takes one, and its digits are shown as they were."""

    digits: str

    def __repr__(self) -> str:
        return self.digits


def fields() -> dict[str, Any]:
    """Return the fields of the body of this request.

    Raises:
        UnsupportedMediaType: It is not called JSON.
        RequestEntityTooLarge: It is larger than any that we take.
        RuleError: It is no JSON object, or has a field twice.
    """
    body = sent(LARGEST)
    try:
        found = json.loads(body.decode(), parse_float=_Number, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        if isinstance(error, RuleError):
            raise
        raise RuleError("", "the body is not JSON") from None
    if not isinstance(found, dict):
        raise RuleError("", "the body is not a JSON object")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, value in pairs:
        if name in made:
            raise RuleError(name[:60], f"the field {name[:60]!r} comes twice")
        made[name] = value
    return made
