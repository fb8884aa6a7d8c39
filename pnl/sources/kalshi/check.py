"""What `pnl doctor` says of a Kalshi key: whether it works, whether the clock is right, what it may ask."""

from collections.abc import Callable

from pnl.domain.money import text as money
from pnl.errors import SourceError, SourceRefused
from pnl.ports import Finding
from pnl.sources.failures import told
from pnl.sources.kalshi.api import KalshiApi, Params
from pnl.sources.kalshi.explain import TOLERATED_SKEW_SECONDS
from pnl.sources.kalshi.fields import Row, flag, rows, text, whole
from pnl.sources.kalshi.parse import cash, fill, position
from pnl.sources.reading import reading


async def examine(api: KalshiApi, filters: Params) -> list[Finding]:
    """Ask five questions, one after the other, and return what each one showed; no answer is one finding too."""
    findings = [
        await _ask(api, "exchange", "/exchange/status", (), _status),
        await _ask(api, "balance", "/portfolio/balance", filters, _balance),
        await _ask(api, "positions", "/portfolio/positions", [("limit", "1"), *filters], _positions),
        await _ask(api, "fills", "/portfolio/fills", [("limit", "1"), *filters], _fills),
        await _ask(api, "limits", "/account/limits", (), _limits),
    ]
    skew = api.clock_skew_seconds
    if skew is not None:
        ok = abs(skew) <= TOLERATED_SKEW_SECONDS
        advice = "" if ok else ": set it, Kalshi refuses signatures that are too old or too new"
        findings.append(Finding(name="clock", ok=ok, text=f"this machine is {skew:+.1f} s off Kalshi's clock{advice}"))
    return findings


async def _ask(api: KalshiApi, name: str, path: str, params: Params, tell: Callable[[Row], str]) -> Finding:
    try:
        answer = await api.get(path, params)
        with reading("kalshi", name):
            return Finding(name=name, ok=True, text=tell(answer))
    except SourceError as error:
        text = str(error) if isinstance(error, SourceRefused) else told(error, "", "PNL_KALSHI_BASE_URL")
        return Finding(name=name, ok=False, text=text)


def _status(answer: Row) -> str:
    return "trading is open" if flag(answer, "trading_active") else "reachable; trading is paused now"


def _balance(answer: Row) -> str:
    held, value = cash(answer)
    return f"the key works: cash ${money(held)}, positions worth ${money(value)}"


def _positions(answer: Row) -> str:
    page = [position(row) for row in rows(answer, "market_positions")]
    return "readable" if page else "readable, none open"


def _fills(answer: Row) -> str:
    page = [fill(row) for row in rows(answer, "fills")]
    return f"readable, the newest of {page[0].effective_at:%Y-%m-%d %H:%M} UTC" if page else "readable, none yet"


def _limits(answer: Row) -> str:
    read = answer["read"]
    return f"tier {text(answer, 'usage_tier')}: {whole(read, 'refill_rate')} read tokens/s, a call costs 10"
