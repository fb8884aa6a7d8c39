"""How many decimals a currency has: ISO 4217, and where Stripe counts differently."""

import re
from decimal import Decimal

_ZERO = {"BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV"}
_ZERO |= {"XAF", "XOF", "XPF"}
_THREE = {"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"}
_DECIMALS = dict.fromkeys(_ZERO, 0) | dict.fromkeys(_THREE, 3)
_STRIPE = {"ISK": 2, "UGX": 2, "MGA": 0}
"""Stripe still takes the first two as if they had cents, and the ariary as if it had none."""

_CODE = re.compile(r"[A-Z]{3}")


def is_code(currency: str) -> bool:
    """Tell whether a text looks like a currency: three capital letters."""
    return _CODE.fullmatch(currency) is not None


def decimals(currency: str) -> int:
    """Return the decimals of a currency by ISO 4217; 2 where it is not among the exceptions."""
    return _DECIMALS.get(currency, 2)


def from_minor(amount: int, currency: str, *, stripe: bool = False) -> Decimal:
    """Return an amount that is counted in a currency's smallest unit."""
    places = _STRIPE.get(currency, decimals(currency)) if stripe else decimals(currency)
    return Decimal(amount).scaleb(-places)
