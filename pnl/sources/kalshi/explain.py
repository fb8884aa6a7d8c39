"""What Kalshi says when it refuses: four shapes of body on the wire, and what a person can do about a 401."""

import json
from collections.abc import Mapping

from pnl.errors import SourceRefused

TOLERATED_SKEW_SECONDS = 5.0


def explain(body: bytes) -> str | None:
    """Return the text of an error body; None for what is not JSON, such as a proxy's page.

    The shapes: `{"error": {"code", "message", "details"}}`, `{"error": "…"}`, `{"msg": "…"}` and
    `{"code", "message", "details"}`.
    """
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(answer, Mapping):
        return None
    error = answer.get("error", answer)
    if isinstance(error, str):
        return error
    if not isinstance(error, Mapping):
        return None
    if isinstance(error.get("msg"), str):
        return str(error["msg"])
    parts = [error.get(name) for name in ("code", "message", "details")]
    return ": ".join(dict.fromkeys(part for part in parts if isinstance(part, str) and part)) or None


def with_cure(error: SourceRefused, skew_seconds: float | None) -> SourceRefused:
    """Return `error` with what a person should do about it at its end."""
    text = str(error)
    folded = text.lower().replace("_", " ")
    if "timestamp" in folded:
        skew = "" if skew_seconds is None else f": it is {abs(skew_seconds):.0f} s {_ahead(skew_seconds)}"
        cure = f"check this machine's clock{skew}"
    elif "incorrect api key signature" in folded:
        cure = "the private key does not belong to this key id: mend PNL_KALSHI_PRIVATE_KEY or PNL_KALSHI_KEY_ID"
    elif "not found" in folded:
        cure = "no such key id here: mend PNL_KALSHI_KEY_ID, or let PNL_KALSHI_BASE_URL name the key's environment"
    elif error.status == 403:
        cure = "the key may not do this: give it the scope `read`, and check PNL_KALSHI_SUBACCOUNT"
    else:
        cure = "check the key id and the private key: PNL_KALSHI_KEY_ID, PNL_KALSHI_PRIVATE_KEY"
    return SourceRefused(error.source, f"{text}; {cure}", status=error.status, retry_after=error.retry_after)


def _ahead(skew_seconds: float) -> str:
    return "ahead" if skew_seconds > 0 else "behind"
