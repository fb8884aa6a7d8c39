"""What an export has: the tables and their columns, in an order that is promised.

A reader may count on the names, the order and the meaning of the columns of a table's schema; a new
column comes at the end. A change of any other kind gives the schema another number.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from pnl.domain.snapshot import LINES

Type: TypeAlias = Literal["text", "money", "decimal", "count", "contracts", "instant", "moment", "date", "bool"]
TYPES: dict[Type, str] = {
    "text": "text; where it would be a formula in a spreadsheet, or begins with `'`, a `'` stands before it (CSV only)",
    "money": "an exact decimal number, at least two decimals, at most nine; empty where it is not known",
    "decimal": "an exact decimal number, as fine as its source sent it, at least two decimals",
    "count": "a whole number",
    "contracts": "contracts, a decimal number with two decimals",
    "instant": "an instant in UTC, ISO 8601 with milliseconds: `2026-11-20T19:32:10.004Z`",
    "moment": "the same with microseconds: `2026-11-20T19:32:10.004321Z`",
    "date": "a company day or a business date, `YYYY-MM-DD`",
    "bool": "`true` or `false`",
}
"""The types of columns, and how CSV spells each."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, its type, what it holds, and for a snapshot's column what the store calls it."""

    name: str
    type: Type
    text: str
    figure: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table of an export.

    Attributes:
        name: What it is asked for by.
        schema: The name and the number of its columns' contract.
        text: What a row is.
        order: How rows are ordered, in words.
        key: The column whose value in the last row that was received is `after` of the rest.
        time: The column that `tz` adds the local time of.
        columns: In order.
    """

    name: str
    schema: str
    text: str
    order: str
    key: str
    time: str
    columns: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(column.name for column in self.columns)


_RECORD_ENDS = (
    Column("version", "count", "which version of the record this is; the newest one that was known"),
    Column("recorded_at_utc", "moment", "when this version became known"),
)

SNAPSHOTS = Table(
    name="snapshots",
    schema="snapshots/1",
    text="Every snapshot, as it was shown",
    order="by sequence, which is by time",
    key="seq",
    time="as_of_utc",
    columns=(
        Column("seq", "count", "the sequence number", "seq"),
        Column("as_of_utc", "instant", "the instant that it shows", "as_of"),
        *(Column(f"{line}_usd", "money", f"the line `{line}` of the company day so far", line) for line in LINES),
        Column("net_usd", "money", "the sum of the lines that are known", "net"),
        Column("net_realised_usd", "money", "the net without what is unrealised", "net_realised"),
        Column("complete", "bool", "whether every line was known", "complete"),
        Column("quality", "text", "`ok`, or joined by `+`: incomplete, stale, failed_checks, after_gap", "quality"),
        Column("day", "date", "the company day", "day"),
        Column(
            "cumulative_net_usd",
            "money",
            "the net of every company day so far, each as it was shown last",
            "cumulative_net",
        ),
        Column("cash_usd", "money", "cash at Kalshi", "cash"),
        Column("positions_value_usd", "money", "the open positions at their marks", "positions_value"),
        Column("exposure_usd", "money", "what the open positions cost", "exposure"),
        Column("equity_usd", "money", "cash and positions", "equity"),
        Column("finality", "text", "estimated, provisional or final", "finality"),
        Column("flags", "text", "what else to know of the figures, separated by spaces", "flags"),
    ),
)

STEPS = Table(
    name="snapshots",
    schema="snapshots-by-step/1",
    text="A row a stretch of time (`step`), of the snapshots in it; a stretch without one has no row",
    order="by time",
    key="start_utc",
    time="start_utc",
    columns=(
        Column("start_utc", "instant", "where the stretch begins; days and weeks are of UTC, weeks begin on Monday"),
        Column("snapshots", "count", "how many snapshots it stands for"),
        *(Column(f"{line}_usd", "money", f"the line `{line}` of the last snapshot") for line in LINES),
        Column("net_open_usd", "money", "the net of the first snapshot"),
        Column("net_high_usd", "money", "the highest net that is known"),
        Column("net_low_usd", "money", "the lowest net that is known"),
        Column("net_usd", "money", "the net of the last snapshot"),
        Column("net_realised_usd", "money", "the net without what is unrealised, of the last snapshot"),
        Column("cumulative_net_usd", "money", "the net of every company day so far, at the last snapshot"),
        Column("equity_usd", "money", "cash and positions at the last snapshot"),
        Column("quality", "text", "`ok`, or what was wrong with any of the snapshots, joined by `+`"),
    ),
)

DAYS = Table(
    name="days",
    schema="days/1",
    text="The statement of each company day as it is known, with what was shown while it went on",
    order="by day",
    key="day",
    time="start_utc",
    columns=(
        Column("day", "date", "the company day"),
        Column("start_utc", "instant", "its first instant"),
        Column("end_utc", "instant", "the first instant of the next one"),
        *(Column(f"{line}_usd", "money", f"the line `{line}`") for line in LINES),
        Column("net_usd", "money", "the sum of the lines that are known"),
        Column("net_realised_usd", "money", "the net without what is unrealised"),
        Column(
            "complete",
            "bool",
            "whether every line is known, of a day that goes on so far; `finality` tells whether it may change",
        ),
        Column("missing", "text", "what is missing, joined by `+`"),
        Column("finality", "text", "estimated, provisional or final"),
        Column("flags", "text", "what else to know of the figures, joined by `+`"),
        Column("fills", "count", "how many fills it has"),
        Column("settlements", "count", "how many settlements it has"),
        Column("seen_seq", "count", "the last snapshot that showed it"),
        Column("seen_as_of_utc", "instant", "when that was"),
        Column("seen_net_usd", "money", "the net that it showed"),
        Column("seen_net_realised_usd", "money", "the net without what is unrealised that it showed"),
        Column(
            "seen_net_high_usd",
            "money",
            "the highest net that a complete snapshot showed that day; of incomplete ones where none was complete",
        ),
        Column("seen_net_low_usd", "money", "the lowest one, likewise"),
        Column("seen_quality", "text", "`ok`, or what was wrong with any of the day's snapshots, joined by `+`"),
        Column("restated_by_usd", "money", "the net as it is known, less that which was shown last"),
    ),
)

FILLS = Table(
    name="fills",
    schema="fills/1",
    text="Every execution on Kalshi",
    order="by time, then by record",
    key="record",
    time="at_utc",
    columns=(
        Column("record", "count", "the record's number in the archive"),
        Column("at_utc", "moment", "when it was"),
        Column("source", "text", "where it comes from"),
        Column("fill_id", "text", "Kalshi's id"),
        Column("ticker", "text", "the market"),
        Column("side", "text", "the side that it positions us for: yes or no"),
        Column("contracts", "contracts", "how many"),
        Column("price_usd", "money", "dollars a contract, of that side"),
        Column("amount_usd", "decimal", "what the contracts cost, below zero, without the fee"),
        Column("fee_usd", "money", "the fee"),
        Column("order_id", "text", "the order"),
        Column("is_taker", "bool", "whether it took liquidity"),
        Column("subaccount", "count", "the subaccount"),
        *_RECORD_ENDS,
        Column("flags", "text", "`corrected` where an earlier version said otherwise"),
    ),
)

SETTLEMENTS = Table(
    name="settlements",
    schema="settlements/1",
    text="Every settled market on Kalshi; counts and costs are of its whole life",
    order="by time, then by record",
    key="record",
    time="at_utc",
    columns=(
        Column("record", "count", "the record's number in the archive"),
        Column("at_utc", "moment", "when it was settled"),
        Column("source", "text", "where it comes from"),
        Column("settlement_id", "text", "its id"),
        Column("ticker", "text", "the market"),
        Column("event_ticker", "text", "its event"),
        Column("result", "text", "how the market came out"),
        Column("yes_contracts", "contracts", "contracts bought on yes"),
        Column("yes_cost_usd", "money", "what they cost"),
        Column("no_contracts", "contracts", "contracts bought on no"),
        Column("no_cost_usd", "money", "what they cost"),
        Column("revenue_usd", "money", "the payout of what was held"),
        Column("fee_usd", "money", "the fees of the market's life"),
        Column("value_usd", "money", "the payout of one yes contract, as the row prints it"),
        *_RECORD_ENDS,
        Column("flags", "text", "`corrected` where an earlier version said otherwise"),
    ),
)

COSTS = Table(
    name="costs",
    schema="costs/1",
    text="Every row of Anthropic's cost reports",
    order="by the start of the bucket, then by record",
    key="record",
    time="start_utc",
    columns=(
        Column("record", "count", "the record's number in the archive"),
        Column("start_utc", "moment", "the first instant of its bucket"),
        Column("end_utc", "moment", "the first instant after it"),
        Column("source", "text", "where it comes from"),
        Column("cost_id", "text", "its id"),
        Column("amount", "decimal", "what it cost, below zero"),
        Column("currency", "text", "of the amount"),
        Column("model", "text", "the model"),
        Column("token_type", "text", "what kind of tokens"),
        Column("cost_type", "text", "what kind of cost"),
        Column("service_tier", "text", "the tier"),
        Column("context_window", "text", "the size of the context"),
        Column("inference_geo", "text", "where it ran"),
        Column("workspace_id", "text", "the workspace"),
        Column("description", "text", "in Anthropic's words"),
        *_RECORD_ENDS,
        Column(
            "flags",
            "text",
            "joined by `+`: `provisional` where it was read before its day had ended, and so is replaced by the next "
            "reading; `corrected` where an earlier version said otherwise",
        ),
    ),
)

_ENTRY = (
    Column("record", "count", "the record's number in the archive"),
    Column("date", "date", "its business date"),
    Column("at_utc", "moment", "the instant that it counts from"),
    Column("source", "text", "where it comes from; `manual` is entered by hand"),
    Column("entry_id", "text", "its id there"),
    Column(
        "kind",
        "text",
        "sale, refund, chargeback, fee, adjustment, day_total, operating_cost, unclassified or movement",
    ),
    Column("status", "text", "settled, pending or void; only what is settled counts"),
    Column("amount", "money", "signed; a refund, a fee and a cost are below zero"),
    Column("fee", "money", "the processor's fee on it, zero or below"),
    Column("currency", "text", "of the amount and the fee"),
    Column("description", "text", "in its source's words"),
    Column("customer", "text", "who bought"),
    Column("parent_id", "text", "the entry that it belongs to"),
    Column("occurred_at_utc", "moment", "when it happened, where that is known"),
    Column("updated_at_utc", "moment", "when its source changed it last"),
    Column("recurs", "text", "how often it comes again: daily, weekly, monthly or yearly"),
    *_RECORD_ENDS,
    Column(
        "flags",
        "text",
        "joined by `+`: void, pending, unclassified, unconverted (not in dollars, so in no line), recurring, corrected",
    ),
)

REVENUE = Table(
    name="revenue",
    schema="revenue/1",
    text="Every entry of revenue, from all sources, those by hand among them",
    order="by time, then by record",
    key="record",
    time="at_utc",
    columns=_ENTRY,
)

ENTRIES = Table(
    name="entries",
    schema="entries/1",
    text="The entries that were made by hand",
    order="by time, then by record",
    key="record",
    time="at_utc",
    columns=_ENTRY,
)

TABLES: dict[str, Table] = {
    table.name: table for table in (SNAPSHOTS, DAYS, FILLS, SETTLEMENTS, COSTS, REVENUE, ENTRIES)
}
"""The tables by what they are asked for by; `snapshots` with a step has the columns of `STEPS`."""
EVERY: tuple[Table, ...] = (SNAPSHOTS, STEPS, DAYS, FILLS, SETTLEMENTS, COSTS, REVENUE, ENTRIES)
PLAIN: tuple[str, ...] = (SNAPSHOTS.schema,)
"""The schemas of tables whose CSV comes in whole numbers where Parquet is made of it: those of millions of rows."""
