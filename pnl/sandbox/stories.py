"""The lively world's trading: which markets open each day, how they end, and what we trade in them.

Every market is a story of its own, drawn from its own named chance, so a day can be told without
the others, and a restart tells it again word for word.
"""

from datetime import datetime, timedelta
from random import Random

from pnl.domain.money import DOLLAR, Centi, Nano, nano
from pnl.domain.records import Side
from pnl.sandbox.catalog import TEMPLATES, Template, make_event
from pnl.sandbox.chance import identity, number, stream
from pnl.sandbox.engine import Engine, fee_of
from pnl.sandbox.listing import Event, Listed, Result
from pnl.sandbox.quotes import Walk
from pnl.sandbox.trading import Execution, Order, Transfer

_DAY = timedelta(days=1)
_OPENING = nano("15000")
_STORIES_A_DAY = 7
_SKILL = 0.70
"""How often our first side is the winning one."""


def tell_trading(engine: Engine) -> None:
    """Put the whole future of the exchange and our account into the engine's calendar, day by day."""
    _transfer(engine, "deposit", "opening", engine.epoch, _OPENING)
    _plan_day(engine, 0)


def _plan_day(engine: Engine, day: int) -> None:
    engine.plan(engine.epoch + day * _DAY, f"day {day:05d}", lambda: _day(engine, day))


def _day(engine: Engine, day: int) -> None:
    _plan_day(engine, day + 1)
    chance = stream(engine.seed, "day", day)
    start = engine.epoch + day * _DAY
    for place, template in enumerate(chance.sample(TEMPLATES, _STORIES_A_DAY)):
        early = day == 0 and place < 4
        listed = start + timedelta(seconds=chance.randrange(60, 1_800) if early else chance.randrange(300, 86_000))
        engine.plan(
            listed,
            f"story {day:05d} {place}",
            lambda template=template, place=place, listed=listed: _story(engine, template, day, place, listed),  # type: ignore[misc]
        )
    if chance.random() < 0.12:
        at = start + timedelta(seconds=chance.randrange(30_000, 80_000))
        way, amount = ("deposit", 1_500) if chance.random() < 0.45 else ("withdrawal", 1_000)
        _transfer(engine, way, f"transfer {day}", at, amount * DOLLAR)


def _transfer(engine: Engine, way: str, name: str, at: datetime, amount: Nano) -> None:
    transfer = Transfer(
        id=identity(engine.seed, name),
        way="deposit" if way == "deposit" else "withdrawal",
        amount=amount,
        fee=0,
        type="ach",
        status="applied",
        created=at,
        finalised=at,
    )
    engine.plan(at, name, lambda: engine.account.transfer(transfer, at))


def _story(engine: Engine, template: Template, day: int, place: int, listed: datetime) -> None:
    chance = stream(engine.seed, "story", day, place)
    closes = (listed + template.days * _DAY).replace(minute=0, second=0, microsecond=0)
    closes = closes.replace(hour=chance.choice((0, 1, 3, 16, 18, 20, 21, 22)))
    if closes < listed + timedelta(hours=9):
        closes += _DAY
    event, (_, _, asked) = make_event(template, chance, listed, closes.date())
    if event.ticker in engine.events:
        return
    determined = closes + timedelta(seconds=chance.randrange(20, 600))
    settles = determined + timedelta(seconds=chance.randrange(300, 5_400))
    winner = chance.randrange(len(asked))
    traded = {winner, chance.randrange(len(asked))} if len(asked) > 1 else {0}
    for index, (suffix, yes_sub_title) in enumerate(asked):
        result, value = _outcome(chance, len(asked), index == winner)
        market = engine.add_market(
            Listed(
                ticker=f"{event.ticker}-{suffix}",
                event=event,
                yes_sub_title=yes_sub_title,
                created=listed - timedelta(minutes=1),
                opens=listed,
                closes=closes,
                walk=_walk(engine.seed, event, suffix, listed, closes, len(asked), value),
                determined_at=determined,
                settles_at=settles,
                result=result,
                value=value,
            )
        )
        if index in traded:
            _trade(engine, market, stream(engine.seed, "trades", market.ticker))
        engine.plan(
            settles,
            f"settle {market.ticker}",
            lambda market=market: engine.account.settle(market, settles),  # type: ignore[misc]
        )


def _outcome(chance: Random, markets: int, wins: bool) -> tuple[Result, Nano]:
    fate = chance.random()
    if markets > 1:
        return ("yes", DOLLAR) if wins else ("no", 0)
    if fate < 0.04:
        return "scalar", nano(chance.choice(("0.50", "0.45", "0.37", "0.62")))
    return ("yes", DOLLAR) if fate < 0.52 else ("no", 0)


def _walk(  # noqa: PLR0917 — called once
    seed: int, event: Event, suffix: str, opens: datetime, closes: datetime, markets: int, value: Nano
) -> Walk:
    chance = stream(seed, "walk", event.ticker, suffix)
    first = chance.randrange(180, 420) if markets > 1 else chance.randrange(300, 700)
    last = min(max(value * 1000 // DOLLAR, 50), 950)
    drift = [first + (last - first) * step * step * step // 512 for step in range(9)]
    knots = tuple(min(max(mid + chance.randrange(-70, 71), 30), 970) for mid in drift[:-1])
    return Walk(seed=number(seed, "walk", event.ticker, suffix), opens=opens, closes=closes, knots=(*knots, last))


def _trade(engine: Engine, market: Listed, chance: Random) -> None:
    """Plan our orders in a market: in, more, partly out, sometimes through zero to the other side."""
    wins: Side = "yes" if (market.value or 0) * 2 >= DOLLAR else "no"
    other: Side = "no" if wins == "yes" else "yes"
    side = wins if chance.random() < _SKILL else other
    back: Side = "no" if side == "yes" else "yes"
    size = chance.randrange(90, 330)
    steps: list[tuple[Side, int]] = [(side, size), (side, size * chance.randrange(20, 60) // 100)]
    fate = chance.random()
    held = sum(count for _, count in steps)
    if fate < 0.45:
        steps.append((back, held * chance.randrange(20, 60) // 100))
    elif fate < 0.60:
        steps += [(back, held * chance.randrange(20, 50) // 100), (side, size * chance.randrange(20, 50) // 100)]
    elif fate < 0.70:
        steps.append((back, held))
    elif fate < 0.80:
        steps.append((back, held + chance.randrange(20, 90)))
    life = (market.closes - market.opens) // timedelta(seconds=1)
    times = sorted(
        chance.randrange(30, max(life * (10 if index < 2 else 90) // 100, 60)) for index in range(len(steps))
    )
    for index, ((way, count), second) in enumerate(zip(steps, times, strict=True)):
        _order(engine, market, chance, index, way, count, market.opens + timedelta(seconds=second))
    if chance.random() < 0.5:
        _leave_resting(engine, market, chance, back)


def _order(  # noqa: PLR0917 — called once
    engine: Engine, market: Listed, chance: Random, index: int, side: Side, count: int, at: datetime
) -> None:
    at += timedelta(microseconds=chance.randrange(1_000_000))
    maker = chance.random() < 0.45
    quote = market.quote(at)
    cent = DOLLAR // 100
    bid, ask = (quote.yes_bid, quote.yes_ask) if side == "yes" else (quote.no_bid, quote.no_ask)
    price = (bid if maker else ask) or cent
    contracts: Centi = count * 100 + (chance.randrange(100) if chance.random() < 0.15 else 0)
    order = Order(
        id=identity(engine.seed, "order", market.ticker, index),
        ticker=market.ticker,
        subaccount=0,
        placed=at - timedelta(seconds=chance.randrange(5, 900)) if maker else at,
        updated=at,
        side=side,
        count=contracts,
        price=price,
        exchange_index=market.event.exchange_index,
    )
    parts = chance.choice((2, 2, 3, 4, 5, 7))
    cuts = sorted(chance.randrange(1, contracts) for _ in range(parts - 1))
    sizes = [b - a for a, b in zip((0, *cuts), (*cuts, contracts), strict=True) if b > a]
    engine.plan(order.placed, f"order {order.id}", lambda: _ignore(engine.place(order)))
    for part, size in enumerate(sizes):
        when = at + timedelta(seconds=part * chance.randrange(3, 40)) if maker else at
        worse = min(price + (part // 3) * cent, 99 * cent) if not maker else price
        fill = Execution(
            id=identity(engine.seed, "fill", market.ticker, index, part),
            order_id=order.id,
            ticker=market.ticker,
            subaccount=0,
            at=when,
            side=side,
            count=size,
            price=worse,
            fee=fee_of(market, size, worse, is_taker=not maker),
            is_taker=not maker,
            exchange_index=market.event.exchange_index,
        )
        engine.plan(when, f"trade {fill.id}", lambda fill=fill: engine.execute(fill))  # type: ignore[misc]


def _leave_resting(engine: Engine, market: Listed, chance: Random, side: Side) -> None:
    life = (market.closes - market.opens) // timedelta(seconds=1)
    placed = market.opens + timedelta(seconds=chance.randrange(60, max(life // 2, 120)))
    order = Order(
        id=identity(engine.seed, "resting", market.ticker),
        ticker=market.ticker,
        subaccount=0,
        placed=placed,
        updated=placed,
        side=side,
        count=chance.randrange(20, 120) * 100,
        price=nano("0.03"),
        exchange_index=market.event.exchange_index,
    )

    def cancel() -> None:
        order.canceled, order.updated = True, market.closes

    engine.plan(placed, f"order {order.id}", lambda: _ignore(engine.place(order)))
    engine.plan(market.closes, f"cancel {order.id}", cancel)


def _ignore(_: object) -> None:
    """Drop what a happening gives back."""
