"""What usage really costs against its list price: effective rates from the last seven days."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, localcontext

from pnl.domain.records import Cost, Usage

ONE = Decimal(1)
LOWEST, HIGHEST = Decimal("0.3"), Decimal("1.5")
ENOUGH_FOR_A_KEY = Decimal(1)
ENOUGH_AT_ALL = Decimal(5)
DIGITS = 60

WEB_SEARCH = "web_search_requests"
_NOT_IN_USAGE = {"code_execution", "session_usage"}


def usage_key(usage: Usage, token_type: str) -> str:
    """Return the name under which the cost and the usage of one kind of token meet.

    It is `model|token_type|service_tier|inference_geo|context_window`, empty where not known. A web
    search costs the same with every model, and its cost names none.
    """
    return _key(usage.model, token_type, usage.service_tier, usage.inference_geo, usage.context_window)


def cost_key(cost: Cost) -> str | None:
    """Return the usage key that a reported cost belongs to; None for what no usage shows."""
    if cost.cost_type in _NOT_IN_USAGE:
        return None
    token_type = WEB_SEARCH if cost.cost_type == "web_search" else cost.token_type
    return _key(cost.model, token_type, cost.service_tier, cost.inference_geo, cost.context_window)


def _key(model: str | None, token_type: str | None, tier: str | None, geo: str | None, context: str | None) -> str:
    if token_type == WEB_SEARCH:
        return f"|{WEB_SEARCH}|||"
    return "|".join(part or "" for part in (model, token_type, tier, geo, context))


@dataclass(slots=True)
class _Pair:
    reported: Decimal = Decimal(0)
    listed: Decimal = Decimal(0)

    def rate(self, enough: Decimal) -> Decimal | None:
        if self.reported < enough or self.listed <= 0:
            return None
        return min(max(self.reported / self.listed, LOWEST), HIGHEST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What one UTC day cost as reported, and at list, in dollars by usage key."""

    reported: Mapping[str, Decimal]
    listed: Mapping[str, Decimal | None]


@dataclass(slots=True)
class Rates:
    """Effective rates: reported dollars for a dollar at list, between 0.3 and 1.5.

    The rate of a key counts where at least $1 was reported for it, else that of its model, else
    that of everything. With less than $5 of history every rate is 1.
    """

    keys: Mapping[str, Decimal] = field(default_factory=dict)
    models: Mapping[str, Decimal] = field(default_factory=dict)
    overall: Decimal = ONE

    @classmethod
    def of(cls, days: Iterable[Spent]) -> "Rates":
        """Return the rates that these days show."""
        keys: dict[str, _Pair] = defaultdict(_Pair)
        models: dict[str, _Pair] = defaultdict(_Pair)
        overall = _Pair()
        with localcontext(prec=DIGITS):
            for day in days:
                for key in day.reported.keys() | day.listed.keys():
                    reported, listed = day.reported.get(key, Decimal(0)), day.listed.get(key, Decimal(0))
                    if listed is None:
                        continue  # without a price, its cost would make every other rate too high
                    for pair in (keys[key], models[_model(key)], overall):
                        pair.reported += reported
                        pair.listed += listed
            if overall.reported < ENOUGH_AT_ALL:
                return cls()
            return cls(_rates(keys), _rates(models), overall.rate(ENOUGH_AT_ALL) or ONE)

    def rate(self, key: str) -> Decimal:
        """Return what a dollar at list of this usage key costs."""
        return self.keys.get(key) or self.models.get(_model(key)) or self.overall


def _rates(pairs: Mapping[str, _Pair]) -> dict[str, Decimal]:
    found = ((name, pair.rate(ENOUGH_FOR_A_KEY)) for name, pair in pairs.items())
    return {name: rate for name, rate in found if rate is not None}


def _model(key: str) -> str:
    return key.partition("|")[0]
