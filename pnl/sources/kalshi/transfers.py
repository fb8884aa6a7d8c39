"""Cash into and out of the account, and the subaccounts that hold some of it."""

from dataclasses import dataclass

from pnl.domain.records import Record
from pnl.errors import SourceError, SourceGarbled, SourceRefused
from pnl.sources.kalshi.api import KalshiApi, at_once
from pnl.sources.kalshi.fields import Row, number_or_zero, rows
from pnl.sources.kalshi.pages import every_row
from pnl.sources.kalshi.parse import subaccount_transfer, transfer
from pnl.sources.reading import reading

NOT_OFFERED = "not offered here"


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfers:
    """Transfers as listed; `complete` is False when a list could not be read, so that cash may not add up."""

    records: tuple[Record, ...] = ()
    complete: bool = True


async def read_transfers(api: KalshiApi, subaccount: int | None, notes: dict[str, str], *, every: bool) -> Transfers:
    """Read deposits and withdrawals; of one subaccount, also what moved between it and others.

    Deposits and withdrawals belong to the primary account, number 0.

    Args:
        api: Asks.
        subaccount: The only subaccount that counts; None when all do.
        notes: Takes the reason when a list cannot be had.
        every: All pages; otherwise the newest 500 of each list.

    Raises:
        SourceRefused: The key may not read them.
    """
    lists: list[tuple[str, str, str]] = []
    if not subaccount:
        lists += [("/portfolio/deposits", "deposits", "id"), ("/portfolio/withdrawals", "withdrawals", "id")]
    if subaccount is not None:
        lists.append(("/portfolio/subaccounts/transfers", "transfers", "transfer_id"))
    async with at_once() as group:
        asked = [
            (field, group.create_task(_list(api, path, field, key, notes, every=every))) for path, field, key in lists
        ]
    records: list[Record] = []
    complete = True
    for field, task in asked:
        found = task.result()
        complete = complete and found is not None
        for row in found or ():
            try:
                moved = (
                    subaccount_transfer(row, subaccount or 0)
                    if field == "transfers"
                    else transfer(row, field.removesuffix("s"))
                )
            except SourceGarbled as error:
                notes[field] = str(error)
                complete = False
                continue
            records += [moved] if moved is not None else []
    return Transfers(records=tuple(records), complete=complete)


async def find_subaccounts(api: KalshiApi, notes: dict[str, str]) -> tuple[int, ...]:
    """Return the numbers, above zero, of the subaccounts that there are; none where that cannot be asked."""
    try:
        answer = await api.get_optional("/portfolio/subaccounts/balances", (), notes, "subaccounts")
    except SourceRefused as error:
        if error.status == 401:
            raise
        notes["subaccounts"] = "the key may not list them"
        return ()
    if answer is None:
        return ()
    with reading("kalshi", "subaccount balances"):
        numbers = {number_or_zero(row, "subaccount_number") for row in rows(answer, "subaccount_balances")}
    return tuple(sorted(numbers - {0}))


async def _list(
    api: KalshiApi, path: str, field: str, key: str, notes: dict[str, str], *, every: bool
) -> tuple[Row, ...] | None:
    """Return rows; none where the list is not offered at all, None where it could not be read now."""
    params = [("limit", "500")]
    try:
        if every:
            return await every_row(api, path, field, key, params)
        answer = await api.get(path, params)
        with reading("kalshi", f"{field} page"):
            return tuple(rows(answer, field))
    except SourceRefused:
        raise
    except SourceError as error:
        offered = getattr(error, "status", None) != 404
        notes[field] = str(error) if offered else NOT_OFFERED
        return None if offered else ()
