"""Runs the checks: what needs looking at again after a reading, and since when each is as it is."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import get_args

from pnl.domain.book import Book, MarketBook
from pnl.domain.cash import Audit, CashLedger
from pnl.domain.checks import STILL, WORST_FIRST, Check, State, of_cash, of_position, of_settlement
from pnl.domain.money import CONTRACT
from pnl.domain.records import Report, ReportedPosition
from pnl.domain.revenue import Clash
from pnl.domain.snapshot import Json

LAGGING = "seen once: looked at again with the next reading"
MOVING = "fills arrived while it was read"
BACKFILL = "the history is still being read"
OF_FILLS = {"I1_position", "I2_total_traded", "I2_fees"}
"""The checks that fail when a fill is missing."""

_STATES: Mapping[str, State] = {state: state for state in get_args(State)}


class Reconciliation:
    """The checks of the newest reading, market by market; only what changed is checked anew."""

    def __init__(self) -> None:
        self._positions: dict[str, tuple[int, ReportedPosition, str | None, tuple[Check, ...]]] = {}
        self._settlements: dict[str, tuple[int, str | None, tuple[Check]]] = {}
        self._suspects: dict[str, int] = {}
        self._read_at: datetime | None = None
        self._cash: tuple[Check, ...] = ()
        self._cash_seen = 0
        self._others: tuple[Check, ...] = ()
        self._since: dict[tuple[str, str], tuple[State, datetime]] = {}
        self._dated: dict[str, tuple[tuple[Check, ...], Counter[State]]] = {}

    def stood(self, checks: Iterable[tuple[str, str, str, datetime]]) -> None:
        """Remember how checks stood before the first reading: the name, the scope, the state, and when it began."""
        for name, scope, state, at in checks:
            known = _STATES.get(state)
            if known:
                self._since[name, scope] = (known, at)
                if known == "failed" and name in OF_FILLS:  # seen more than once, and no news
                    self._suspects[scope] = 1

    def against(self, book: Book, report: Report) -> None:
        """Hold the book against a new report of the source."""
        waiting = _untrusted(report)
        self._read_at = report.at
        rows = report.positions
        open_tickers = {
            t for t, market in book.markets.items() if market.settlement is None and market.position.contracts
        }
        tickers = open_tickers | {t for t in rows if not _settled(book, t)}
        for ticker in self._positions.keys() - tickers:
            del self._positions[ticker]
            self._suspects.pop(ticker, None)
        for ticker in tickers:
            market = book.markets.get(ticker) or MarketBook(ticker)
            self._positions[ticker] = self._position(market, rows.get(ticker, STILL), waiting)
        for ticker, market in book.markets.items():
            if market.settlement:
                known = self._settlements.get(ticker)
                why = BACKFILL if not report.backfilled else None
                if known is None or known[:2] != (market.changes, why):
                    self._settlements[ticker] = (market.changes, why, (of_settlement(market, why),))

    def against_cash(self, ledger: CashLedger, audit: Audit | None, report: Report) -> None:
        """Hold the records against the reported balance."""
        if audit is None:
            self._cash = ()
            return
        waiting = _untrusted(report)
        if audit.clean or audit.unnetted is not None:
            self._cash_seen = 0
        elif waiting is None:
            self._cash_seen += 1
            waiting = LAGGING if self._cash_seen == 1 else None
        found = list(of_cash(audit, waiting))
        for credit in ledger.credits.values():
            why = f"{credit.label}: cash that no record explains, posted as other income"
            found.append(Check("I5_credit", credit.id, 0, credit.amount, 0, why, why))
        self._cash = tuple(found)

    def also(self, others: Iterable[Check], clashes: Iterable[Clash]) -> None:
        """Replace the checks that come from elsewhere: identity, cost estimates, conflicts, clashes."""
        clashing = (
            Check(
                "revenue_clash",
                clash.scope,
                0,
                CONTRACT,
                reason=f"{clash.reason}: {', '.join(clash.sources)}",
                counts=True,
            )
            for clash in clashes
        )
        self._others = (*others, *clashing)

    def settle(self, at: datetime) -> tuple[int, int, int]:
        """Date every check's state; return how many are ok, failed and waiting."""
        seen: dict[str, tuple[tuple[Check, ...], Counter[State]]] = {}
        counts: Counter[State] = Counter()
        for name, checks in self._groups():
            known = self._dated.get(name)
            if known is None or known[0] is not checks:
                self._forget(known[0] if known else (), checks)
                known = (checks, Counter(self._date(check, at) for check in checks))
            seen[name] = known
            for state, number in known[1].items():
                counts[state] += number
        for name in self._dated.keys() - seen.keys():
            self._forget(self._dated[name][0])
        self._dated = seen
        return counts["ok"], counts["failed"], counts["waiting"]

    def groups(self) -> dict[str, tuple[Check, ...]]:
        """Return the checks that `settle` saw, by group; one of which nothing changed is the same object as before."""
        return {name: checks for name, (checks, _) in self._dated.items()}

    def checks(self) -> Iterable[Check]:
        """Give every check, the account's first."""
        for _, checks in self._groups():
            yield from checks

    def _groups(self) -> Iterable[tuple[str, tuple[Check, ...]]]:
        yield "others", self._others
        yield "cash", self._cash
        for ticker, (_, _, _, checks) in self._positions.items():
            yield ticker, checks
        for ticker, (_, _, checks) in self._settlements.items():
            yield f"{ticker} settled", checks

    def _date(self, check: Check, at: datetime) -> State:
        key, state = (check.name, check.scope), check.state
        old = self._since.get(key)
        if not old or old[0] != state:
            self._since[key] = (state, at)
        return state

    def _forget(self, old: Iterable[Check], new: Iterable[Check] = ()) -> None:
        """Forget since when the checks that are no more were as they were: they may come again."""
        kept = {(check.name, check.scope) for check in new}
        for check in old:
            if (check.name, check.scope) not in kept:
                self._since.pop((check.name, check.scope), None)

    def positions_agree(self) -> bool:
        """Tell whether every market's contracts, and what was paid for them, are as the source reports them."""
        return all(
            check.state == "ok"
            for _, _, _, checks in self._positions.values()
            for check in checks
            if check.name in OF_FILLS
        )

    def doubtful(self) -> set[str]:
        """Return the open markets whose contracts or sums differ in a reading that was whole: fills may be missing."""
        return {
            ticker
            for ticker, (_, _, waiting, checks) in self._positions.items()
            if waiting not in (MOVING, BACKFILL) and any(c.state != "ok" for c in checks if c.name in OF_FILLS)
        }

    def incomplete(self) -> set[str]:
        """Return the settled markets whose fills are missing in part or all, though the history is read in."""
        return {
            ticker for ticker, (_, why, (check,)) in self._settlements.items() if why is None and check.state != "ok"
        }

    def of(self, wanted: Iterable[tuple[str, str]]) -> list[Json]:
        """Return the checks with these (name, scope) as the API sends them; what failed comes first."""
        pairs = set(wanted)
        found = [check for check in (*self._others, *self._cash) if (check.name, check.scope) in pairs]
        for ticker in {scope for _, scope in pairs}:
            position, settlement = self._positions.get(ticker), self._settlements.get(ticker)
            checks = (*(position[3] if position else ()), *(settlement[2] if settlement else ()))
            found += [check for check in checks if (check.name, check.scope) in pairs]
        return self._told(found)

    def find(self, name: str, scope: str) -> Check | None:
        """Return a check as it stands; None where it is not made."""
        position, settlement = self._positions.get(scope), self._settlements.get(scope)
        checks = (
            *self._others,
            *self._cash,
            *(position[3] if position else ()),
            *(settlement[2] if settlement else ()),
        )
        return next((one for one in checks if (one.name, one.scope) == (name, scope)), None)

    def reading(self, ticker: str) -> tuple[datetime | None, ReportedPosition | None]:
        """Return when the source was read last, and its row of a market; None where there is none."""
        known = self._positions.get(ticker)
        return self._read_at, known[1] if known else None

    def to_json(self) -> list[Json]:
        """Return every check as the API sends it; what failed comes first, then what waits."""
        return self._told(self.checks())

    def _told(self, checks: Iterable[Check]) -> list[Json]:
        found = sorted(checks, key=lambda check: WORST_FIRST[check.state])
        return [check.to_json(self._dates(check)) for check in found]

    def _dates(self, check: Check) -> datetime | None:
        dated = self._since.get((check.name, check.scope))
        return dated[1] if dated else None

    def _position(
        self, market: MarketBook, row: ReportedPosition, waiting: str | None
    ) -> tuple[int, ReportedPosition, str | None, tuple[Check, ...]]:
        known = self._positions.get(market.ticker)
        if known and known[0] == market.changes and known[2] is None and waiting is None and _same(known[1], row):
            return known
        checks = of_position(market, row, waiting)
        if waiting is None:
            if all(check.state == "ok" for check in checks):
                self._suspects.pop(market.ticker, None)
            else:
                seen = self._suspects[market.ticker] = self._suspects.get(market.ticker, 0) + 1
                if seen == 1:
                    waiting = LAGGING
                    checks = of_position(market, row, waiting)
        return market.changes, row, waiting, checks


def _untrusted(report: Report) -> str | None:
    return BACKFILL if not report.backfilled else MOVING if report.in_motion else None


def _settled(book: Book, ticker: str) -> bool:
    market = book.markets.get(ticker)
    return market is not None and market.settlement is not None


def _same(old: ReportedPosition, new: ReportedPosition) -> bool:
    return (
        old.position == new.position
        and old.exposure == new.exposure
        and old.realised == new.realised
        and old.fees == new.fees
        and old.total_traded == new.total_traded
    )
