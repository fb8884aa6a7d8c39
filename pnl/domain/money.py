"""Money as exact integers of a nano-dollar, and counts as integers of a hundredth of a contract.

A nano-dollar (10⁻⁹ dollar) holds every figure of ours and of Kalshi's exactly. Amounts that a
source sends finer than that stay `Decimal` until a statement rounds their sum once, half to even.
"""

from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from typing import TypeAlias

from pnl.errors import MoneyError

Nano: TypeAlias = int
"""Dollars × 10⁹ (or nano-units of another currency, where a record says so)."""

Centi: TypeAlias = int
"""Contracts × 100."""

DOLLAR: Nano = 1_000_000_000
CENT: Nano = 10_000_000
MICRO: Nano = 1_000
"""A millionth of a dollar: the finest amount that Kalshi prints."""

CONTRACT: Centi = 100

_EXACT = Context(prec=60, rounding=ROUND_HALF_EVEN)
_LARGEST = Decimal(9_000_000_000)


def decimal(text: str, name: str = "amount") -> Decimal:
    """Return the finite number that `text` spells in plain decimal notation.

    Args:
        text: Such as `-12.3400`; scientific notation is taken, NaN and infinities are not.
        name: What the number is called in the error.

    Raises:
        MoneyError: It is no number, is not finite, or has more than 40 digits.
    """
    if not isinstance(text, str):
        raise MoneyError(f"{name} {text!r} is not a decimal string: send it in quotes")
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise MoneyError(f"{name} {text[:60]!r} is not a decimal number") from None
    if not number.is_finite():
        raise MoneyError(f"{name} {text[:60]!r} is not a finite number")
    if len(number.as_tuple().digits) > 40 or number.adjusted() > 30:
        raise MoneyError(f"{name} {text[:60]!r} has too many digits")
    return number


def nano(amount: Decimal | str, name: str = "amount") -> Nano:
    """Return `amount` dollars as nano-dollars, exactly.

    Raises:
        MoneyError: It is finer than 10⁻⁹, beyond ±$9 billion, or no number.
    """
    number = amount if isinstance(amount, Decimal) else decimal(amount, name)
    if abs(number) > _LARGEST:
        raise MoneyError(f"{name} {number} is beyond what can be kept (±9,000,000,000)")
    scaled = number.scaleb(9, _EXACT)
    whole = int(scaled)
    if whole != scaled:
        raise MoneyError(f"{name} {number} is finer than 0.000000001")
    return whole


def nano_rounded(amount: Decimal) -> Nano:
    """Return `amount` dollars as nano-dollars, rounded once, half to even."""
    return int(amount.scaleb(9, _EXACT).to_integral_value(ROUND_HALF_EVEN))


def centi(count: str, name: str = "count") -> Centi:
    """Return a contract count such as `850.00` in hundredths of a contract.

    Raises:
        MoneyError: It is finer than 0.01, or no number.
    """
    scaled = decimal(count, name).scaleb(2, _EXACT)
    whole = int(scaled)
    if whole != scaled:
        raise MoneyError(f"{name} {count} is finer than 0.01 contracts")
    return whole


def exact(amount: Nano) -> Decimal:
    """Return nano-dollars as a `Decimal` of dollars, nine places."""
    return Decimal(amount).scaleb(-9, _EXACT)


def text(amount: Nano, places: int = 2) -> str:
    """Return dollars as a plain decimal string: exact, at least `places` decimals, no exponent.

    `"0"` stays as `0.00`; trailing zeros beyond `places` are dropped.
    """
    sign = "-" if amount < 0 else ""
    whole, part = divmod(abs(amount), DOLLAR)
    decimals = f"{part:09d}".rstrip("0").ljust(places, "0")
    return f"{sign}{whole}.{decimals}" if decimals else f"{sign}{whole}"


def dollars_text(amount: Nano) -> str:
    """Return dollars as a sentence has them: `$0.50`, `−$10.216499701`; exact, at least two decimals."""
    return f"{'−' if amount < 0 else ''}${text(abs(amount))}"


def count_text(count: Centi) -> str:
    """Return contracts as Kalshi prints them, two decimals: `-850.00`."""
    sign = "-" if count < 0 else ""
    whole, part = divmod(abs(count), CONTRACT)
    return f"{sign}{whole}.{part:02d}"


def cost_of(count: Centi, price: Nano) -> Nano:
    """Return what `count` contracts cost at `price` nano-dollars a contract, exactly.

    Raises:
        MoneyError: The product is finer than a nano-dollar.
    """
    product, rest = divmod(count * price, CONTRACT)
    if rest:
        raise MoneyError(f"{count_text(count)} contracts at {text(price)} is finer than 0.000000001")
    return product


def share(amount: Nano, part: int, whole: int, unit: Nano = 1) -> Nano:
    """Return `amount × part ÷ whole`, to the nearest multiple of `unit`, half to even."""
    numerator, denominator = amount * part, whole * unit
    quotient, rest = divmod(numerator, denominator)
    if rest * 2 > denominator or (rest * 2 == denominator and quotient % 2):
        quotient += 1
    return quotient * unit


def split(amount: Nano, weights: list[int]) -> list[Nano]:
    """Return `amount` in parts proportional to `weights` that add up to it exactly.

    By largest remainder; ties go to the earlier part. Weights that are all zero count as equal.

    Raises:
        MoneyError: There is no part to give it to, or a weight is negative.
    """
    if not weights or min(weights) < 0:
        raise MoneyError(f"cannot split {text(amount)} by the weights {weights}")
    total = sum(weights)
    if total == 0:
        weights, total = [1] * len(weights), len(weights)
    sign, size = (-1, -amount) if amount < 0 else (1, amount)
    parts = [divmod(size * weight, total) for weight in weights]
    left = size - sum(whole for whole, _ in parts)
    order = sorted(range(len(parts)), key=lambda i: (-parts[i][1], i))
    extra = set(order[:left])
    return [sign * (whole + (i in extra)) for i, (whole, _) in enumerate(parts)]


def even_part(amount: Nano, count: int, place: int) -> Nano:
    """Return the part at `place`, from 0 on, of `amount` split into `count` equal ones, as `split` makes them."""
    sign, size = (-1, -amount) if amount < 0 else (1, amount)
    whole, left = divmod(size, count)
    return sign * (whole + (place < left))
