"""The lively world's other half: what it burns at Anthropic and what it sells, day by day."""

from datetime import UTC, date, datetime, time, timedelta
from random import Random

from pnl.sandbox.chance import stream
from pnl.sandbox.engine import COMPANY_ZONE, Engine
from pnl.sandbox.selling import Charge, Entry
from pnl.sandbox.spending import Burn, Line

_DAY = timedelta(days=1)
_CUSTOMERS = ("Alder Logistics", "Birch & Co", "Cedar Health", "Dogwood Media", "Elm Analytics", "Fir Robotics")
_WORK = (("forecast desk", 18_000), ("data feed", 12_500), ("research brief", 24_000), ("alert pack", 7_900))
_PLANS = (1_900, 1_900, 2_900, 4_900, 4_900, 9_900)
RESEARCH = "wrkspc_01Research"
_AT = datetime(2000, 1, 1)  # noqa: DTZ001 — a model row's own time is never read

LINES: tuple[Line, ...] = (
    Line(
        name="agent",
        like=Burn(at=_AT, model="claude-sonnet-5-5", api_key="apikey_01Agent"),
        hourly=(520_000, 190_000, 5_200_000, 210_000, 24_000),
        searches=9,
    ),
    Line(
        name="research",
        like=Burn(at=_AT, model="claude-opus-5-5", workspace=RESEARCH, api_key="apikey_02Research"),
        hourly=(150_000, 62_000, 1_400_000, 60_000, 8_000),
        searches=6,
    ),
    Line(
        name="long reads",
        like=Burn(
            at=_AT, model="claude-sonnet-4-5", workspace=RESEARCH, api_key="apikey_02Research", context="200k-1M"
        ),
        hourly=(95_000, 6_000, 0, 0, 0),
    ),
    Line(
        name="labels",
        like=Burn(
            at=_AT, model="claude-haiku-5-5", api_key="apikey_01Agent", tier="batch", product="message_batches_api"
        ),
        hourly=(5_400_000, 800_000, 0, 0, 0),
    ),
    Line(
        name="desk",
        like=Burn(at=_AT, model="claude-opus-5-5", api_key=None, geo="us"),
        hourly=(40_000, 17_000, 160_000, 9_000, 0),
    ),
    Line(
        name="sandboxes",
        like=Burn(at=_AT, model=None, workspace=RESEARCH, cost_type="code_execution", product="messages_api"),
        hourly=(0, 0, 0, 0, 0),
        hourly_cents=14,
    ),
)


def tell_ledgers(engine: Engine) -> None:
    """Put spending and sales into the engine, and their days into its calendar."""
    spending = engine.spending
    spending.seed, spending.since, spending.lines = engine.seed, engine.epoch, LINES
    first = engine.epoch.astimezone(COMPANY_ZONE).date()
    _plan_day(engine, first)


def _plan_day(engine: Engine, day: date) -> None:
    engine.plan(max(_at(day, 0), engine.epoch), f"ledgers {day}", lambda: _day(engine, day))


def _day(engine: Engine, day: date) -> None:
    _plan_day(engine, day + _DAY)
    chance = stream(engine.seed, "ledgers", day)
    _invoices(engine, day, chance)
    _cards(engine, day, chance)
    _late_batch(engine, day, chance)


def _late_batch(engine: Engine, day: date, chance: Random) -> None:
    """A batch of last evening that the reports learn of at night: yesterday's cost grows."""
    burnt = datetime.combine(day, time(22, 15), engine.epoch.tzinfo)
    tokens = (chance.randrange(200_000, 900_000), chance.randrange(30_000, 120_000), 0, 0, 0)
    late = Burn(
        at=burnt,
        model="claude-sonnet-5-5",
        tokens=tokens,
        tier="batch",
        product="message_batches_api",
        api_key="apikey_01Agent",
        requests=chance.randrange(20, 90),
        seen_at=burnt + timedelta(hours=4),
    )
    if burnt >= engine.epoch:

        def burn() -> None:
            engine.spending.add(late)

        engine.plan(burnt, f"late batch {day}", burn)


def _invoices(engine: Engine, day: date, chance: Random) -> None:
    count = chance.randrange(5, 9) if day.weekday() < 5 else chance.randrange(2, 5)
    for place in range(count):
        work, about = chance.choice(_WORK)
        cents = about * chance.randrange(80, 130) // 100
        second = chance.randrange(8 * 3600, 19 * 3600)
        name = f"inv-{day:%y%m%d}-{place + 1:02d}"
        customer = chance.choice(_CUSTOMERS)
        fate = chance.random()
        late = fate < 0.03
        first = Entry(
            id=name,
            version=1,
            date=day,
            amount=_money(cents),
            currency="USD",
            kind="sale",
            status="settled",
            updated=_at(day + _DAY, 7 * 3600) if late else _at(day, second),
            description=f"{customer}: {work}",
            customer=customer,
        )
        versions = [first]
        if 0.03 <= fate < 0.08:
            versions.append(_again(first, amount=_money(cents * 9 // 10), hours=3))
        elif 0.08 <= fate < 0.10:
            versions.append(_again(first, amount=first.amount, hours=2, void=True))
        for entry in versions:
            if entry.updated >= engine.epoch:
                engine.plan(
                    entry.updated,
                    f"entry {entry.id} {entry.version}",
                    lambda entry=entry: engine.sales.report(entry),  # type: ignore[misc]
                )


def _again(entry: Entry, *, amount: str, hours: int, void: bool = False) -> Entry:
    return Entry(
        id=entry.id,
        version=entry.version + 1,
        date=entry.date,
        amount=amount,
        currency=entry.currency,
        kind=entry.kind,
        status="void" if void else entry.status,
        updated=entry.updated + timedelta(hours=hours),
        description=entry.description,
        customer=entry.customer,
    )


def _cards(engine: Engine, day: date, chance: Random) -> None:
    """Subscriptions renew through the day; now and then a refund, a dispute, a customer in yen; payouts weekly."""
    total = 0
    for place in range(chance.randrange(17, 29)):
        amount = chance.choice(_PLANS)
        total += amount
        at = _at(day, chance.randrange(0, 86_000))
        name = f"{day} card {place}"
        _charge(engine, name, at, amount, amount * 29 // 1000 + 30, "charge", "Subscription renewal")
        if chance.random() < 0.03:
            back = at + timedelta(hours=chance.randrange(5, 50))
            _charge(engine, f"{name} refund", back, -amount, 0, "refund", "REFUND FOR CHARGE")
        elif chance.random() < 0.005:
            back = at + timedelta(days=chance.randrange(3, 9))
            _charge(engine, f"{name} dispute", back, -amount, 1_500, "dispute", "Chargeback withdrawal")
    if chance.random() < 0.1:
        _charge(engine, f"{day} yen", _at(day, 41_000), 4_900, 206, "charge", "Subscription renewal", currency="jpy")
    if day.weekday() == 0:
        _charge(engine, f"{day} payout", _at(day, 9_000), -total * 6, 0, "payout", "STRIPE PAYOUT")


def _charge(  # noqa: PLR0917 — a row of a table, one call a line
    engine: Engine,
    name: str,
    at: datetime,
    amount: int,
    fee: int,
    category: str,
    description: str,
    *,
    currency: str = "usd",
) -> None:
    charge = Charge.make(
        engine.seed,
        name,
        created=at,
        available=at + 2 * _DAY if category == "charge" else at,
        amount=amount,
        fee=fee,
        currency=currency,
        category=category,
        description=description,
    )
    if at >= engine.epoch:
        engine.plan(at, f"charge {charge.id}", lambda: engine.sales.take(charge))


def _money(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


def _at(day: date, second: int) -> datetime:
    midnight = datetime.combine(day, time(0), COMPANY_ZONE)
    return (midnight.astimezone(UTC) + timedelta(seconds=second)).replace(microsecond=0)
