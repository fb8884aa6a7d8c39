"""How live servers compare: `python -m bench.live`, all of them; `--url ws://…`, a given one.

Every number is measured in one session, server after server, round after round; times are by the
monotonic clock, which all processes of a machine share. The clients take their part of the machine,
the same for every server: what the floor takes is theirs and the kernel's.
"""

import argparse
import shlex
import sys
from datetime import UTC, datetime
from itertools import product

from bench.live import page, table, workshop
from bench.live.beside import beside
from bench.live.figures import Run, figures
from bench.live.measure import Load, measure, measure_url
from bench.live.servers import FLOOR, SERVERS, Server


def main() -> None:
    """Print tables in markdown, and keep them if so asked; what goes on meanwhile is told on stderr."""
    asked = _arguments()
    load = Load(asked.messages, asked.interval, asked.rate, asked.header)
    if asked.beside:
        for clients in asked.clients or [1_000]:
            print("\n".join(beside(asked.beside, clients, asked.rate, asked.header)), flush=True)
        return
    counts = asked.clients or [100, 1_000, 5_000, 10_000]
    if asked.url:
        print(table.HEAD)
        for clients in counts:
            runs = [measure_url(asked.url, clients, number, load, pid=asked.pid) for number in range(asked.rounds)]
            timed = all(one.published_ns for run in runs for one in run.messages)
            what = f"{asked.url}, {clients:,}{'' if timed else ', from the first receipt on'}"
            print(table.row(what, figures(runs, [])), flush=True)
        return
    if asked.write:
        page.check(page.BENCHMARKS)
    servers = [server for server in SERVERS if not asked.server or server.name in asked.server]
    missing = _build(servers)
    tables: list[str] = []
    for clients in counts:
        head = f"{clients:,} clients\n\n{table.HEAD}"
        print(f"\n{head}")
        rows = "\n".join(_rows(servers, clients, asked.rounds, load, missing))
        print(rows, flush=True)
        tables.append(f"{head}\n{rows}")
    if asked.write:
        command = shlex.join(["python", "-m", "bench.live", *sys.argv[1:]])
        page.write(page.BENCHMARKS, command, datetime.now(UTC).date(), tables)
        print(f"{page.BENCHMARKS.relative_to(workshop.ROOT)} holds this run between its markers now", file=sys.stderr)


def _arguments() -> argparse.Namespace:
    names = [server.name for server in SERVERS]
    parser = argparse.ArgumentParser(prog="python -m bench.live", description=__doc__)
    add = parser.add_argument
    add("--server", nargs="+", choices=names, metavar="NAME", help=f"only these: {', '.join(names)}")
    add("--url", help="a server that runs, ws://…; without its publishing times the first receipt counts as such")
    add("--pid", type=int, help="with --url: its process, for memory and processor time")
    add("--beside", metavar="URL", help="the product at http://…: requests beside clients, and beside an export")
    add("--header", action="append", default=[], metavar="'NAME: VALUE'", help="sent with every request")
    add("--clients", nargs="+", type=_number, metavar="N", help="how many (100 1000 5000 10000; with --beside 1000)")
    add("--rounds", type=_number, default=3, help="runs of each server with as many clients (3)")
    add("--messages", type=_number, default=10, help="measured in a run (10)")
    add("--interval", type=float, default=1.0, help="seconds between two messages (1)")
    add("--rate", type=float, default=500, help="clients that connect in a second, at most (500)")
    add("--write", action="store_true", help="keep the tables in docs/benchmarks.md, between its markers")
    asked = parser.parse_args()
    if asked.write and (asked.url or asked.beside or asked.header):
        parser.error("--write keeps a run of the servers and its command: not with --url, --beside or --header")
    return asked


def _number(text: str) -> int:
    """Read how many there are to be; of none nothing can be measured."""
    number = int(text) if text.isascii() and text.isdigit() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} cannot be measured: give a whole number from 1 on")
    return number


def _build(servers: list[Server]) -> dict[str, str]:
    """Build what these servers are made of; return what cannot be, and why."""
    workshop.open_shop()
    made_of = {server.made_of for server in servers}
    if "python" in made_of:
        workshop.python_peers()
    found = {
        "cc": workshop.floor() if "cc" in made_of else None,
        "node": workshop.node_peer() if "node" in made_of else None,
    }
    return {material: why for material, why in found.items() if why}


def _rows(servers: list[Server], clients: int, rounds: int, load: Load, missing: dict[str, str]) -> list[str]:
    """Measure all servers with so many clients, round after round; return the table's rows."""
    runs: dict[str, list[Run]] = {server.name: [] for server in servers}
    left_out = {server.name: missing[server.made_of] for server in servers if server.made_of in missing}
    left_out |= {server.name: f"not tried beyond {server.most:,}" for server in servers if clients > server.most}
    for number, server in product(range(1, rounds + 1), servers):
        if server.name in left_out:
            continue
        try:
            run = measure(server, clients, number, load)
        except RuntimeError as error:
            left_out[server.name] = str(error)
            print(error, file=sys.stderr)
            continue
        runs[server.name].append(run)
        print(f"round {number}: {table.row(server.name, figures([run], []))}", file=sys.stderr, flush=True)
    floors = runs.get(FLOOR, [])
    return [
        table.note(server.what, left_out[server.name])
        if server.name in left_out
        else table.row(server.what, figures(runs[server.name], floors))
        for server in servers
    ]


if __name__ == "__main__":
    main()
