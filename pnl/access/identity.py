"""Whether a signed ID token proves who somebody is: OpenID Connect Core 1.0, section 3.1.3.7, read on 2026-11-29."""

from datetime import datetime
from typing import Any, Final

from joserfc import jwt
from joserfc.errors import BadSignatureError, ClaimError, InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from pnl.errors import SignInRefused

LEEWAY_SECONDS: Final = 60
"""By so much the clocks of the two machines may differ."""
ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
"""Signed by a key that the provider alone has. `none` and the HMACs, whose key we have, too, prove nothing."""
_LONGEST: Final = 32 * 1024


class UnknownKey(SignInRefused):
    """The token is signed by a key that is not among those given: the provider may have new ones."""


def claims_of(token: object, keys: KeySet, *, issuer: str, client_id: str, nonce: str, now: datetime) -> dict[str, Any]:
    """Return what an ID token says, after everything that must hold of it was found to hold.

    Args:
        token: The token, as the provider gave it.
        keys: Those that the provider signs with.
        issuer: Who must have issued it, letter by letter.
        client_id: For whom it must be.
        nonce: What this sign-in sent.
        now: The time.

    Raises:
        UnknownKey: None of the keys fits.
        SignInRefused: Something else does not hold; the text says what, and holds nothing of the token.
    """
    if not isinstance(token, str) or not 0 < len(token) <= _LONGEST:
        raise SignInRefused("The provider sent no ID token: whoever runs this server is to allow the scope openid.")
    try:
        claims = jwt.decode(token, keys, algorithms=ALGORITHMS).claims
    except (InvalidKeyIdError, BadSignatureError) as error:
        raise UnknownKey("The provider's ID token is signed by a key that is not the provider's.") from error
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise SignInRefused("The provider's ID token is not signed as it must be.") from error
    try:
        _check(claims, issuer=issuer, client_id=client_id, nonce=nonce, now=now)
    except ClaimError as error:
        raise SignInRefused(_why(error.claim, claims, now)) from error
    return claims


def _check(claims: dict[str, Any], *, issuer: str, client_id: str, nonce: str, now: datetime) -> None:
    rules = jwt.JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=LEEWAY_SECONDS,
        iss={"essential": True, "value": issuer},
        sub={"essential": True},
        aud={"essential": True, "value": client_id},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True, "value": nonce},
        azp={"essential": _is_for_others(claims.get("aud"), client_id), "value": client_id},
    )
    rules.validate(claims)


def _is_for_others(audience: object, client_id: str) -> bool:
    """Return whether the token is meant for more than us: then it must say that we are who asked for it."""
    return isinstance(audience, list) and any(one != client_id for one in audience)


def _why(claim: str, claims: dict[str, Any], now: datetime) -> str:
    if claim in ("exp", "iat", "nbf"):
        return _clocks(claims.get("iat"), now)
    if claim in ("nonce", "aud", "azp", "iss"):
        meant = {"nonce": "sign-in", "iss": "provider"}.get(claim, "server")
        return f"The provider's ID token is of another {meant} ({claim}). Begin anew."
    return f"The provider's ID token lacks what it must have ({claim})."


def _clocks(issued: object, now: datetime) -> str:
    number = isinstance(issued, int | float) and not isinstance(issued, bool)
    apart = round(abs(issued - now.timestamp())) if number and abs(issued) < 1e11 else 0  # type: ignore[operator,arg-type]  # a number
    if apart > LEEWAY_SECONDS:
        return (
            f"The provider's clock and this server's are {apart:,} seconds apart, or that sign-in is long over. Begin "
            "anew; if it happens again, whoever runs this server is to set its clock, best by NTP."
        )
    return "The provider's ID token is not valid at this time. Begin anew."
