"""Whether the amount of a line may still change: each line by its own source."""

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

Finality: TypeAlias = Literal["estimated", "provisional", "final"]

COST_ESTIMATED: Final = "api_cost_estimated"
"""The flag of an API cost that is ours, worked out from usage, beyond what Anthropic has reported."""
_REVENUE: Final = ("revenue", "refunds", "processor_fees", "adjustments")
_TRADING: Final = ("trading_realised", "trading_fees", "other_income")


def of_lines(
    lines: Mapping[str, int | None],
    *,
    revenue: Finality,
    spending: Finality,
    trading: Finality,
    unrealised: Finality,
) -> dict[str, Finality | None]:
    """Return the finality of each line; None of one whose amount is not known.

    Args:
        lines: The amounts.
        revenue: That of what was earned.
        spending: That of the API cost.
        trading: That of realised results, fees and income of the account.
        unrealised: That of the unrealised result, which hangs on the marks of the day's ends as well.
    """
    found: dict[str, Finality] = {
        **dict.fromkeys(_REVENUE, revenue),
        "api_cost": spending,
        "operating_cost": "final",  # entered by hand, whole, on its day
        **dict.fromkeys(_TRADING, trading),
        "trading_unrealised": unrealised,
    }
    return {name: found[name] if amount is not None else None for name, amount in lines.items()}
