"""The facts that sources report: frozen, never changed, each with the source's own id.

Money is nano-dollars (`Nano`), counts are hundredths of a contract (`Centi`), times are aware UTC.
A correction is a new version of the same id; nothing is overwritten.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, TypeAlias, get_args

from pnl.domain.money import Centi, Nano

Side: TypeAlias = Literal["yes", "no"]
Kind: TypeAlias = Literal["fill", "settlement", "transfer", "cost", "usage", "anchor", "revenue", "balance", "credit"]
"""The kinds of record. `anchor` ties a reported cost to the usage known at that moment; `balance`
is an observation of Kalshi's cash; `credit` is a residual of the cash check that was confirmed and
posted as other income."""

KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill:
    """One execution on Kalshi.

    `side` is Kalshi's `outcome_side`: the side that the fill positions us for. `price` is that
    side's price, nano-dollars a contract; `fee` is what the fill cost in fees, above zero.
    """

    id: str
    ticker: str
    subaccount: int
    at: datetime
    side: Side
    count: Centi
    price: Nano
    fee: Nano
    order_id: str
    is_taker: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """One market's settlement row. The counts and costs are what was bought over its whole life.

    `revenue` is the payout of the net position; `value` is the payout of one YES contract as the
    row prints it (not to be relied on), or None.
    """

    id: str
    ticker: str
    event_ticker: str
    at: datetime
    result: str
    yes_count: Centi
    yes_cost: Nano
    no_count: Centi
    no_cost: Nano
    revenue: Nano
    fee: Nano
    value: Nano | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """Cash into or out of Kalshi; `amount` is the change of the balance, and zero unless applied.

    It is in no line of the statement.
    """

    id: str
    at: datetime
    amount: Nano
    status: str
    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """One row of Anthropic's cost report: what a bucket of time cost, as reported.

    `amount` is dollars, as fine as it was sent. `start` and `end` bound the bucket.
    """

    id: str
    start: datetime
    end: datetime
    amount: Decimal
    currency: str
    model: str | None
    token_type: str | None
    cost_type: str | None
    service_tier: str | None
    context_window: str | None
    inference_geo: str | None
    workspace_id: str | None
    description: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """One row of Anthropic's usage report: the tokens of one group in one bucket of time.

    `tokens` maps a token type to a count. `list_values` maps the same types to their price at
    list in dollars, or None where no price is known.
    """

    id: str
    start: datetime
    end: datetime
    model: str | None
    service_tier: str | None
    context_window: str | None
    inference_geo: str | None
    tokens: Mapping[str, int]
    list_values: Mapping[str, Decimal | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """What Anthropic had reported for a UTC day when its cost was read, and the usage known at that moment.

    `reported` is dollars, as fine as the rows were sent. `list_values` maps a usage key (see
    `pnl.domain.rates.usage_key`) to its list price in dollars up to `watermark` (None: up to the
    usage read last), None where no price was known. It is empty and `usage_known` False where the
    day's usage had not been read. A day has up to three anchors, told apart by `id`: `DAY` as last
    read before its end, `DAY/closed` as read after it, `DAY/restated` where it changed later.
    """

    id: str
    day: date
    read_at: datetime
    watermark: datetime | None
    reported: Decimal
    usage_known: bool
    list_values: Mapping[str, Decimal | None]


RevenueKind: TypeAlias = Literal[
    "sale", "refund", "chargeback", "fee", "adjustment", "day_total", "operating_cost", "unclassified", "movement"
]
"""`movement` is cash that is no profit or loss (a payout); only its `fee` posts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RevenueEntry:
    """One entry of revenue, or of a manual cost, on its business date.

    `amount` is signed, in nano-units of `currency`: a sale is above zero, a refund, a fee or a
    cost below. `fee` is a processor's fee on the entry, zero or below. `occurred_at` is None
    where the source knows only a date. `recurs` repeats an `operating_cost`. `customer` is who
    bought, by the name that the source gives; None where it gives none.
    """

    id: str
    version: int
    date: date
    amount: Nano
    fee: Nano
    currency: str
    kind: RevenueKind
    status: Literal["pending", "settled", "void"]
    description: str
    parent_id: str | None = None
    occurred_at: datetime | None = None
    updated_at: datetime | None = None
    recurs: Literal["daily", "weekly", "monthly", "yearly"] | None = None
    customer: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """Kalshi's cash, and its own market value of the open positions, as read at `at`.

    `known_through` is the newest record that the reading surely included; None for the reading's
    own instant.
    """

    at: datetime
    cash: Nano
    portfolio_value: Nano


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """A change of the cash that no record explains, confirmed by three clean readings."""

    id: str
    at: datetime
    amount: Nano
    label: str = "unattributed credit"


Fact: TypeAlias = Fill | Settlement | Transfer | Cost | Usage | Anchor | RevenueEntry | Balance | Credit


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A fact with where it came from.

    `version` is None where the source has no versions of its own; the store then counts changes
    of content. `raw` is the source's own body, as JSON text. `recorded_at` is None until kept.
    """

    source: str
    kind: Kind
    id: str
    effective_at: datetime
    fact: Fact
    raw: str
    version: int | None = None
    recorded_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """What a market is called, and when it closes."""

    ticker: str
    event_ticker: str
    title: str
    close_time: datetime | None
    mutually_exclusive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A market's quotes at `at`, nano-dollars a contract; None where there is no quote.

    `settlement_value` is what one YES contract pays once the outcome is determined.
    """

    ticker: str
    at: datetime
    status: str
    yes_bid: Nano | None
    yes_ask: Nano | None
    no_bid: Nano | None
    no_ask: Nano | None
    last: Nano | None
    settlement_value: Nano | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedPosition:
    """One market as `/portfolio/positions` reports it, summed over the subaccounts that we read."""

    ticker: str
    position: Centi
    exposure: Nano
    realised: Nano
    fees: Nano
    total_traded: Nano
    updated_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What Kalshi says of the account in one reading, to hold our own fold against.

    `in_motion` is True when fills arrived while it was read: its checks wait. `backfilled` is
    False until the whole history has been read once.
    """

    at: datetime
    positions: Mapping[str, ReportedPosition]
    cash: Nano
    portfolio_value: Nano
    in_motion: bool
    backfilled: bool
    facts: Mapping[str, str] = field(default_factory=dict)
