"""The JSON object that a request carries, read strictly."""

import json
from collections.abc import Sequence
from typing import Any, Final

from pnl.web.problems import BadParameter
from pnl.web.sent import sent

_LARGEST: Final = 16 * 1024


def body(fields: Sequence[str]) -> dict[str, Any]:
    """Return the object; whoever asked is told of a field that there is not.

    Raises:
        UnsupportedMediaType: It is not sent as JSON.
        RequestEntityTooLarge: It is larger than any such object.
        BadParameter: It is no object, or has another field.
    """
    text = sent(_LARGEST)
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise BadParameter("body", "the body is not a JSON object")
    for name in found:
        if name not in fields:
            raise BadParameter(str(name)[:60], f"there is no field {str(name)[:60]!r}: there are {', '.join(fields)}")
    return found
