"""The figures as tables in markdown."""

import math

from bench.live.figures import Figures

HEAD = (
    "| server | done p50, ms | p99 | to the floor | delivered | connect p50, ms | p99 | a second "
    "| KiB a client | MiB | CPU µs a receipt |\n|---|---|---|---|---|---|---|---|---|---|---|"
)


def row(what: str, found: Figures) -> str:
    """Return a line of the table; what is not known is a dash."""
    cells = [
        what,
        _number(found.done_p50_ms),
        _number(found.done_p99_ms),
        _number(found.ratio, 2),
        _delivered(found),
        _number(found.connect_p50_ms),
        _number(found.connect_p99_ms),
        _number(found.rate, 0),
        _number(found.kib_a_client),
        _number(found.mib, 0),
        _number(found.cpu_us),
    ]
    return f"| {' | '.join(cells)} |"


def note(what: str, why: str) -> str:
    """Return a line of the table for a server that was not measured."""
    return f"| {what} | {why} |" + " |" * 9


def _number(value: float, digits: int = 1) -> str:
    return "–" if math.isnan(value) else f"{round(value, digits) + 0.0:,.{digits}f}"  # no minus before a zero


def _delivered(found: Figures) -> str:
    words = ["all" if found.delivered == 1 else f"{int(found.delivered * 10_000) / 100:.2f} %"]
    if found.connected < found.clients:
        reasons = ", ".join(f"{why} {times}×" for why, times in found.failed.most_common(2))
        words.append(f"{found.connected:,} connected ({reasons or 'then closed'})")
    if found.twice:
        words.append(f"{found.twice} twice")
    return ", ".join(words)
