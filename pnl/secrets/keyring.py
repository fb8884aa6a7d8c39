"""Reads secrets, remembers them for a while, and keeps the last good one while their store does not answer."""

import json
import threading
from collections.abc import Callable, Mapping
from typing import Any, Final

import structlog

from pnl.clock import Clock, SystemClock
from pnl.errors import SecretUnavailable
from pnl.secrets.reference import Kind, Reference
from pnl.secrets.stores import Store, Vault, read_aws, read_file

log = structlog.get_logger(__name__)

KEPT_SECONDS: Final = 300.0
"""A store is asked for the same secret so often, and at once where a key is refused."""


class Keyring:
    """Gives secrets by where they are kept. Any thread may ask.

    Args:
        environ: Where Vault's address and token are found; None for the environment of this process.
        clock: Measures how old what is remembered is.
        told: Is told of each asking of a store: `same`, `rotated` or `failed`.
        stores: What reads each kind, where it is not the real one.
    """

    def __init__(
        self,
        environ: Mapping[str, str] | None = None,
        *,
        clock: Clock | None = None,
        told: Callable[[Kind, str], object] = lambda _kind, _result: None,
        stores: Mapping[Kind, Store] | None = None,
    ) -> None:
        self._clock = clock or SystemClock()
        self.told = told
        self._stores: Mapping[Kind, Store] = stores or {"file": read_file, "aws-sm": read_aws, "vault": Vault(environ)}
        self._lock = threading.Lock()
        self._kept: dict[tuple[Kind, str], tuple[float, str | Mapping[str, Any]]] = {}
        self._failing: set[tuple[Kind, str]] = set()

    def read(self, one: Reference, *, anew: bool = False) -> str:
        """Return a secret: as it was read in the last five minutes, or anew; in an outage, the last good one.

        Args:
            one: Where it is kept.
            anew: Whether to ask now, because the one that is known was refused.

        Raises:
            SecretUnavailable: It cannot be read, and never was.
        """
        with self._lock:
            whole = self._whole(one, anew=anew)
            try:
                return _field(one, whole)
            except SecretUnavailable as error:
                self.told(one.kind, "failed")
                log.warning("a secret is not as it should be", where=str(one), reason=str(error))
                raise

    def _whole(self, one: Reference, *, anew: bool) -> str | Mapping[str, Any]:
        key = one.kind, one.place
        kept = self._kept.get(key)
        now = self._clock.monotonic()
        if kept and not anew and now - kept[0] < KEPT_SECONDS:
            return kept[1]
        try:
            found = self._stores[one.kind](one.place)
        except SecretUnavailable as error:
            self.told(one.kind, "failed")
            if not kept:
                raise
            if key not in self._failing:
                self._failing.add(key)
                log.warning(
                    "a secret cannot be read: the last good one stays in use", where=str(one), reason=str(error)
                )
            self._kept[key] = (now, kept[1])
            return kept[1]
        if key in self._failing:
            self._failing.remove(key)
            log.info("the secret can be read again", where=str(one))
        self.told(one.kind, "same" if kept is None or kept[1] == found else "rotated")
        self._kept[key] = (now, found)
        return found


def _field(one: Reference, whole: str | Mapping[str, Any]) -> str:
    if one.field is None:
        return str(whole)
    fields: Any = whole
    if isinstance(whole, str):
        try:
            fields = json.loads(whole)
        except ValueError:
            fields = None
    value = fields.get(one.field) if isinstance(fields, Mapping) else None
    if not isinstance(value, str) or not value.strip():
        raise SecretUnavailable(f"it has no field {one.field} that is a text")
    return value.strip()
