"""Tokens that a host's own backend signs: JSON Web Tokens by HS256, short-lived, with one of two keys."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from pnl.access.asked import LOCKABLE, whole_range, wrong
from pnl.access.grants import PANELS, Grant
from pnl.access.origins import origin_of
from pnl.errors import EmbedRefused

if TYPE_CHECKING:
    from joserfc.jwk import OctKey

AUDIENCE: Final = "northstar-embed"
LONGEST: Final = timedelta(minutes=10)
LEEWAY: Final = timedelta(seconds=60)
"""How far the clocks of host and server may differ."""
_LARGEST: Final = 8_192
_ALGORITHMS: Final = ("HS256",)


class HostTokens:
    """Checks them.

    Args:
        keys: The secrets by name, as the header's `kid` names them; a token without one is tried with each.
    """

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        self._keys: dict[str, OctKey] = {}
        if keys:
            from joserfc.jwk import OctKey as Key  # noqa: PLC0415 - it weighs nothing where no host signs

            self._keys = {name: Key.import_key(secret) for name, secret in keys.items()}

    @property
    def on(self) -> bool:
        """Whether there is a key at all."""
        return bool(self._keys)

    def grant(self, token: str, now: datetime) -> Grant:
        """Return what a token allows.

        Raises:
            EmbedRefused: It is not ours, is over, or says something that makes no sense.
        """
        claims = self._claims(token)
        if claims.get("aud") != AUDIENCE:
            raise EmbedRefused(f"Its token is for somebody else: its aud must be {AUDIENCE}.")
        made, until = _instant(claims, "iat"), _instant(claims, "exp")
        if until - made > LONGEST:
            raise EmbedRefused("Its token lasts too long: exp may be 10 minutes after iat, and no more.")
        begins = max(made, _instant(claims, "nbf")) if "nbf" in claims else made
        if begins - LEEWAY > now:
            raise EmbedRefused("Its token is not valid yet: the clocks of both servers differ.")
        if until + LEEWAY <= now:
            raise EmbedRefused("Its token has expired.", expired=True)
        name = str(claims.get("jti") or claims.get("sub") or "unnamed")[:64]
        return Grant(
            name=f"host {name}",
            panels=_panels(claims.get("panels")),
            origins=_origins(claims.get("origins")),
            until=until + LEEWAY,
            ticket=f"embed:host:{int((until + LEEWAY).timestamp())}",
            locked=_locked(claims.get("locked", {})),
        )

    def _claims(self, token: str) -> dict[str, Any]:
        unknown = EmbedRefused("Its token is not signed by a key that this server knows.")
        if len(token) > _LARGEST or not self._keys:
            raise unknown
        from joserfc import jws  # noqa: PLC0415 - as above
        from joserfc.errors import JoseError  # noqa: PLC0415

        try:
            kid = jws.extract_compact(token.encode()).headers().get("kid")
        except (JoseError, ValueError):
            raise EmbedRefused("Its token is damaged.") from None
        keys = list(self._keys.values()) if kid is None else [key for name, key in self._keys.items() if name == kid]
        for key in keys:
            found = _checked(token, key)
            if found is not None:
                return found
        raise unknown


def _checked(token: str, key: "OctKey") -> dict[str, Any] | None:
    """Return the claims of a token, where the key is that by which it is signed."""
    from joserfc import jwt  # noqa: PLC0415 - loaded where the first such token is shown
    from joserfc.errors import JoseError  # noqa: PLC0415

    try:
        return jwt.decode(token, key, algorithms=_ALGORITHMS).claims
    except (JoseError, ValueError):
        return None


def _instant(claims: Mapping[str, Any], name: str) -> datetime:
    given = claims.get(name)
    if isinstance(given, bool) or not isinstance(given, int) or not 0 < given < 10**11:
        raise EmbedRefused(f"Its token's {name} is not a time: give whole seconds since 1970.")
    return datetime.fromtimestamp(given, UTC)


def _panels(given: object) -> frozenset[str]:
    if not isinstance(given, list) or not given or not all(isinstance(one, str) and one in PANELS for one in given):
        raise EmbedRefused(f"Its token's panels is not a list of some of {', '.join(PANELS)}.")
    return frozenset(given)


def _origins(given: object) -> tuple[str, ...]:
    found = [origin_of(one) if isinstance(one, str) else None for one in given] if isinstance(given, list) else []
    if not found or None in found:
        raise EmbedRefused("Its token's origins is not a list of sites such as https://wiki.example.com.")
    return tuple(one for one in found if one)


def _locked(given: object) -> dict[str, str]:
    asked = given if isinstance(given, dict) else {"": None}
    found = {str(name): value for name, value in asked.items() if name in LOCKABLE and isinstance(value, str)}
    if len(found) != len(asked):
        raise EmbedRefused(f"Its token locks what cannot be locked: give values, as texts, of {', '.join(LOCKABLE)}.")
    for name, value in found.items():
        why = wrong(name, value)
        if why:
            raise EmbedRefused(f"Its token locks what makes no sense: {why}.")
    try:
        whole_range(found)
    except ValueError as error:
        raise EmbedRefused(f"Its token locks what makes no sense: {error}.") from None
    return found
