"""Ordinary requests beside a live crowd: how much slower the product answers them, and an export running.

The requests are made by processes of their own, so that the clients' work does not slow the clock.
"""

import http.client
import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlsplit

from bench.live.crowd import Crowd, Sent
from bench.live.figures import middle, percentile

PAUSE_SECONDS = 0.02
SECONDS = 30
"""Of each phase."""
SOCKET, HEALTH, EXPORT = "/api/pnl/ws", "/healthz", "/api/pnl/export.csv"
PAGE = ("/", "/_dash-layout")
_BUSY_SECONDS = 0.2
HEAD = (
    "| beside | /healthz p50, ms | p99 | to alone | page p50, ms | p99 | to alone "
    "| last client after the first p50, ms | p99 | messages, delivered |\n|---|---|---|---|---|---|---|---|---|---|"
)


@dataclass(frozen=True, slots=True)
class Answers:
    """Milliseconds of each request for the health, and of each page load."""

    health: list[float]
    page: list[float]


def _get(
    connection: http.client.HTTPConnection, path: str, headers: dict[str, str], *, may_refuse: bool = False
) -> int:
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    size = 0
    while part := answer.read(1 << 16):
        size += len(part)
    if answer.status == 503 and may_refuse:
        return 0
    if answer.status != 200:
        raise RuntimeError(f"{path} answered {answer.status}")
    return size


def probe(address: str, headers: dict[str, str], seconds: float) -> Answers:
    """Ask for the health and load the page, in turns, each on a connection of its own.

    Raises:
        RuntimeError: An answer was not 200.
    """
    found = Answers([], [])
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for paths, took in (((HEALTH,), found.health), (PAGE, found.page)):
            connection = http.client.HTTPConnection(address, timeout=60)
            began = time.perf_counter()
            for path in paths:
                _get(connection, path, headers)
            took.append((time.perf_counter() - began) * 1000)
            connection.close()
            time.sleep(PAUSE_SECONDS)
    return found


def keep_exporting(address: str, headers: dict[str, str], seconds: float) -> tuple[int, int]:
    """Export everything, again and again; return how often, and how many bytes."""
    until, times, size = time.monotonic() + seconds, 0, 0
    while time.monotonic() < until:
        connection = http.client.HTTPConnection(address, timeout=60)
        got = _get(connection, EXPORT, headers, may_refuse=True)
        connection.close()
        if not got:
            time.sleep(_BUSY_SECONDS)  # as many run as may
            continue
        times, size = times + 1, size + got
    return times, size


def beside(url: str, clients: int, rate: float, lines: list[str], seconds: float = SECONDS) -> list[str]:
    """Measure the product at `url` alone, with clients, and with clients and an export; return the table."""
    address = urlsplit(url).netloc
    headers = dict(line.split(": ", 1) for line in lines)
    table = [HEAD]
    crowd = Crowd(f"ws://{address}{SOCKET}", lines)
    try:
        with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as others:
            others.submit(probe, address, headers, 2).result()  # whatever is made at the first request is made then
            alone = others.submit(probe, address, headers, seconds).result()
            table.append(_row("nothing", alone, alone, [], 0))
            crowd.connect(clients, rate)
            name = f"{crowd.size:,} clients"
            asked = others.submit(probe, address, headers, seconds)
            sent = crowd.listen(10**9, seconds)
            table.append(_row(name, asked.result(), alone, sent, crowd.size))
            exported = others.submit(keep_exporting, address, headers, seconds)
            asked = others.submit(probe, address, headers, seconds)
            sent = crowd.listen(10**9, seconds)
            answers = asked.result()
            times, size = exported.result()
            name += f", {times} exports of {size / max(times, 1) / 1e6:.1f} MB"
            table.append(_row(name, answers, alone, sent, crowd.size))
    finally:
        crowd.close()
    return table


def _row(what: str, found: Answers, alone: Answers, sent: list[Sent], clients: int) -> str:
    # The last may have been on its way when the time was over.
    whole = [one for one in sent if len(one.reached) > 1][:-1]
    spread = [(one.last_ns - one.first_ns) / 1e6 for one in whole]
    got = sum(len(one.reached) for one in whole) / (len(whole) * clients) if whole and clients else None
    told = "–" if got is None else f"{len(whole)}, {'all' if got == 1 else f'{got:.2%}'}"
    cells: list[str] = []
    for took, before in ((found.health, alone.health), (found.page, alone.page)):
        cells += [f"{middle(took):.1f}", f"{percentile(took, 0.99):.1f}", f"{middle(took) / middle(before):.2f}"]
    cells += [f"{middle(spread):.1f}", f"{percentile(spread, 0.99):.1f}"] if spread else ["–", "–"]
    return f"| {what} | {' | '.join(cells)} | {told} |"
