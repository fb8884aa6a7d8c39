"""Sums of burns as Anthropic's reports print them: amounts are cents, as decimal strings."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeAlias

from pnl.sandbox.spending import TOKEN_TYPES, Burn, Component, Spending

DEFAULT_WORKSPACE = "wrkspc_01Default"
Group: TypeAlias = tuple[str | None, ...]

_WORDS = {
    "uncached_input_tokens": "Input Tokens",
    "output_tokens": "Output Tokens",
    "cache_read_input_tokens": "Input Tokens, Cache Hit",
    "cache_creation.ephemeral_5m_input_tokens": "Input Tokens, Cache Write",
    "cache_creation.ephemeral_1h_input_tokens": "Input Tokens, Cache Write 1h",
}
_OTHER = {"web_search": "Web Search Usage", "code_execution": "Code Execution Usage"}


@dataclass(slots=True)
class Tally:
    """The sums of one group."""

    tokens: list[int] = field(default_factory=lambda: [0] * 5)
    searches: int = 0
    requests: int = 0
    cents: Decimal = Decimal(0)
    list_cents: Decimal = Decimal(0)

    def burn(self, burn: Burn) -> None:
        """Add a burn's tokens."""
        for kind, count in enumerate(burn.tokens):
            self.tokens[kind] += count
        self.searches += burn.searches
        self.requests += burn.requests

    def cost(self, part: Component) -> None:
        """Add a part's cost."""
        self.cents += part.cents
        self.list_cents += part.list_cents


def stamp(at: datetime) -> str:
    """Return an instant as the reports print it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def amount(cents: Decimal) -> str:
    """Return cents in plain notation, at least six decimals, never rounded."""
    plain = f"{cents:f}"
    whole, _, part = plain.partition(".")
    return f"{whole}.{part.rstrip('0').ljust(6, '0')}"


def dimension(burn: Burn, name: str, part: Component | None, *, named_workspace: bool) -> str | None:
    """Return a burn's value in a dimension. The default workspace has a name in one API and none in the other."""
    if name in {"cost_type", "token_type"}:
        return getattr(part, name) if part else None
    if name == "description":
        return describe(burn, part) if part else None
    if name in {"service_tier", "context_window", "inference_geo", "speed"} and burn.model is None:
        return None
    values = {
        "model": burn.model,
        "workspace_id": burn.workspace or (DEFAULT_WORKSPACE if named_workspace else None),
        "api_key_id": burn.api_key,
        "product": burn.product,
        "organization_id": "org_northstar" if named_workspace else None,
        "service_tier": burn.tier,
        "context_window": burn.context,
        "inference_geo": burn.geo,
        "speed": burn.speed,
    }
    return values.get(name)


def describe(burn: Burn, part: Component) -> str:
    """Return a cost row's free text."""
    if part.token_type is None:
        return _OTHER.get(part.cost_type, "Claude Managed Agents Session Usage")
    model = (burn.model or "").replace("-", " ").title()
    return f"{model} Usage - {_WORDS[part.token_type]}"


def tally_usage(burns: Iterable[Burn], names: Sequence[str], *, named_workspace: bool) -> dict[Group, Tally]:
    """Return token sums by group; code execution has none."""
    groups: dict[Group, Tally] = defaultdict(Tally)
    for burn in burns:
        if burn.model is not None or burn.searches:
            key = tuple(dimension(burn, name, None, named_workspace=named_workspace) for name in names)
            groups[key].burn(burn)
    return groups


def tally_cost(
    spending: Spending, burns: Iterable[Burn], names: Sequence[str], *, named_workspace: bool
) -> dict[Group, Tally]:
    """Return costs by group, part by part."""
    groups: dict[Group, Tally] = defaultdict(Tally)
    for burn in burns:
        counted: set[Group] = set()
        for part in spending.components(burn):
            key = tuple(dimension(burn, name, part, named_workspace=named_workspace) for name in names)
            groups[key].cost(part)
            if key not in counted:
                groups[key].requests += burn.requests
                counted.add(key)
    return groups


def usage_fields(tally: Tally) -> dict[str, Any]:
    """Return the token fields that both usage reports share."""
    counts = dict(zip(TOKEN_TYPES, tally.tokens, strict=True))
    return {
        "uncached_input_tokens": counts["uncached_input_tokens"],
        "cache_read_input_tokens": counts["cache_read_input_tokens"],
        "output_tokens": counts["output_tokens"],
        "cache_creation": {
            "ephemeral_5m_input_tokens": counts["cache_creation.ephemeral_5m_input_tokens"],
            "ephemeral_1h_input_tokens": counts["cache_creation.ephemeral_1h_input_tokens"],
        },
        "server_tool_use": {"web_search_requests": tally.searches},
    }
