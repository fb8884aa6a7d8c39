"""A receiver: who is told, where, and with which secret; read from the file, and from there only."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias, cast

from pnl.alerts.address import Address, address_of
from pnl.domain.alerts.rules import receiver_name
from pnl.errors import RuleError

Kind: TypeAlias = Literal["pagerduty", "slack", "webhook"]

PAGERDUTY = "https://events.pagerduty.com"
GIVE_UP_HOURS = 24
_KINDS: Mapping[Kind, tuple[str, ...]] = {
    "pagerduty": ("routing_key",),
    "slack": ("url",),
    "webhook": ("url", "secret"),
}
_ALWAYS = ("kind", "base_url", "give_up_hours")
_ROUTING_KEY = 32
_SHORTEST_SECRET = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """Who is told.

    Attributes:
        secret: PagerDuty's routing key, or what a webhook's messages are signed with; empty for Slack, whose
            address is the secret.
        give_up_hours: For how long a message is tried.
    """

    name: str
    kind: Kind
    address: Address
    secret: str
    give_up_hours: int

    def __repr__(self) -> str:
        return f"Receiver(name={self.name!r}, kind={self.kind!r})"

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must not be shown."""
        return tuple(text for text in (self.secret, self.address.url) if text)


def receiver(name: str, fields: Mapping[str, object], folder: Path) -> Receiver:
    """Return the receiver that a table of the file spells.

    Args:
        name: What it is called.
        fields: The table.
        folder: Where the file is; paths of secrets start from there.

    Raises:
        RuleError: A field is missing, unknown or wrong, or a secret cannot be read; no secret is in it.
    """
    receiver_name(name, "receiver")
    kind = fields.get("kind")
    if kind not in _KINDS:
        raise RuleError("kind", f"kind {kind!r} is not one of {', '.join(_KINDS)}")
    own = _KINDS[cast("Kind", kind)]
    known = (*_ALWAYS, *(text for name in own for text in (name, f"{name}_file")))
    for field in fields:
        if field not in known:
            raise RuleError(field[:60], f"there is no field {field[:60]!r}; a {kind} receiver has {', '.join(known)}")
    secrets = {field: _secret(fields, field, folder) for field in own}
    base_url = _text(fields, "base_url") if "base_url" in fields else None
    if kind == "pagerduty":
        _check_key(secrets["routing_key"], "routing_key" if "routing_key" in fields else "routing_key_file")
        root = (base_url or PAGERDUTY).rstrip("/")
        address = address_of(f"{root}/v2/enqueue", "base_url", base_url)
    else:
        address = address_of(secrets["url"], "url" if "url" in fields else "url_file", base_url)
    if kind == "webhook" and len(secrets["secret"]) < _SHORTEST_SECRET:
        raise RuleError(
            "secret", f"secret is shorter than {_SHORTEST_SECRET} letters: make one by openssl rand -hex 32"
        )
    return Receiver(
        name=name,
        kind=cast("Kind", kind),
        address=address,
        secret=secrets.get("routing_key") or secrets.get("secret") or "",
        give_up_hours=_hours(fields.get("give_up_hours", GIVE_UP_HOURS)),
    )


def secret_files(fields: Mapping[str, object], folder: Path) -> list[Path]:
    """Return the files that a table of the file names, which are looked at when they change."""
    return [folder / value for name, value in fields.items() if name.endswith("_file") and isinstance(value, str)]


def _secret(fields: Mapping[str, object], field: str, folder: Path) -> str:
    if field in fields and f"{field}_file" in fields:
        raise RuleError(field, f"{field} and {field}_file are both given: give one of them")
    if field in fields:
        return _text(fields, field)
    if f"{field}_file" not in fields:
        raise RuleError(field, f"{field} is missing: give it, or the path of a file with it as {field}_file")
    path = folder / _text(fields, f"{field}_file")
    try:
        found = path.read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise RuleError(f"{field}_file", f"{field}_file {str(path)!r} cannot be read ({why})") from None
    if not found:
        raise RuleError(f"{field}_file", f"{field}_file {str(path)!r} is empty: put the secret into it")
    return found


def _text(fields: Mapping[str, object], field: str) -> str:
    value = fields[field]
    if not isinstance(value, str) or not value.strip():
        raise RuleError(field, f"{field} is no text: write it in quotes")
    return value.strip()


def _check_key(key: str, field: str) -> None:
    if len(key) != _ROUTING_KEY or not (key.isascii() and key.isalnum()):
        raise RuleError(
            field, f"{field} is not {_ROUTING_KEY} letters and digits: copy the integration key of an Events API v2"
        )


def _hours(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 72:
        raise RuleError("give_up_hours", f"give_up_hours {value!r} is not a whole number from 1 to 72")
    return value
