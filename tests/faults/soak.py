"""Break the running product every twenty seconds, and fail on the first harm (make soak).

`tests.faults.house` runs it, `tests.faults.breaking` breaks it. Whatever is shown by either process is acknowledged.
After each fault all must be well again within thirty seconds, with no hand on it; then every invariant of
`docs/faults.md` is looked at. It says the seed first; the same seed chooses the same faults.
"""

import random
import re
import shutil
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx

from pnl.cli.terminal import say
from pnl.ops.verify import verify
from tests.faults.breaking import Breaking, choose
from tests.faults.house import House
from tests.faults.simulated import uncovered
from tests.product.process import Process
from tests.store.outside import told

EVERY_SECONDS = 20.0
HEALED_SECONDS = 30.0
LOOK_SECONDS = 0.3
HOLE_SECONDS = 7.0
"""A tick a second waits up to three seconds for its sources, and as long for a lock: beyond, there is a gap."""
LONGEST_ANSWER = 30.0
"""After a crash whoever comes waits until the new worker has started, which takes long on a busy machine."""
SLACK_SECONDS = 10.0
ROOM_BYTES = 500_000_000
MORE_OPEN = 40
"""What a worker may hold open beyond twice what it began with: who comes to lead asks the sources, too."""


class Harm(Exception):
    """An invariant is broken."""


class Soak:
    """Watches what is shown all the time, and looks at the rest after each fault."""

    def __init__(self, house: House, seed: int) -> None:
        self._house = house
        self._chance = random.Random(seed)
        self.faults: Counter[str] = Counter()
        self.acknowledged: dict[int, str] = {}
        self.slowest = 0.0
        self._harm: list[str] = []
        self._hurt: set[Process] = set()
        self._verified = 0
        self._first: dict[int, tuple[int, int]] = {}
        self._ending = threading.Event()
        self._watching = [threading.Thread(target=self._watch, args=(product,)) for product in house.products]
        for thread in self._watching:
            thread.start()

    def close(self) -> None:
        """Stop watching."""
        self._ending.set()
        for thread in self._watching:
            thread.join()

    def run(self, seconds: float) -> None:
        """Break things for so long.

        Raises:
            Harm: An invariant is broken.
        """
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            following = time.monotonic() + EVERY_SECONDS
            self._break()
            self._look()
            while (left := following - time.monotonic()) > 0:
                self._ending.wait(min(left, 1))
                self._raise()
        self._look(every=True)

    def _break(self) -> None:
        together = [choose(self._house, self._chance) for _ in range(self._chance.choice((1, 1, 2)))]
        seconds = self._chance.uniform(1, 9)
        self._hurt.update(product for one in together for product in one.hurts)
        for one in together:
            self.faults[re.sub(r"\d{4,} ", "", one.name)] += 1
        say(f"{datetime.now(UTC):%H:%M:%S}  {' and '.join(one.name for one in together)}, {seconds:.0f} s")
        with ExitStack() as lasting:
            _enter(lasting, together)
            self._ending.wait(seconds)
        self._raise()
        self._heal(time.monotonic(), datetime.now(UTC))
        self._hurt.clear()

    def _heal(self, began: float, mended: datetime) -> None:
        """Wait until all is well; thirty seconds are the most."""
        newest = max(self.acknowledged, default=0)
        while missing := self._unwell(newest, mended):
            self._raise()
            if time.monotonic() - began > HEALED_SECONDS:
                raise Harm(f"not well {HEALED_SECONDS:.0f} s after the fault: {missing}")
            self._ending.wait(LOOK_SECONDS)
        self.slowest = max(self.slowest, time.monotonic() - began)

    def _unwell(self, newest: int, mended: datetime) -> str:
        """Return what is not well yet; nothing when all is."""
        for number, product in enumerate(self._house.products):
            try:
                ready = product.get("/readyz").json()
                current = product.get("/api/pnl/current").json()
                sources = product.get("/api/pnl/sources").json()["sources"]
            except (httpx.HTTPError, ValueError) as error:
                return f"product {number} does not answer: {error}"
            if not ready["ready"] or ready.get("warnings"):
                return f"product {number} is not ready: {ready}"
            if current.get("seq", 0) < newest + 2:
                return f"product {number} shows {current.get('seq')}, {newest} was shown before"
            if current["checks"]["failed"]:
                return f"{current['checks']['failed']} checks fail"
            for source in sources:
                if why := _amiss(source, mended):
                    return why
        return ""

    def _look(self, *, every: bool = False) -> None:
        """Hold what is kept against what was shown, and the rest against its limits."""
        url = f"sqlite:///{self._house.database}"
        low = 0 if every else self._verified
        wanted = {seq: digest for seq, digest in self.acknowledged.copy().items() if seq > low}
        kept = dict(told(url, f"SELECT seq, body_sha256 FROM snapshot WHERE seq > {low}"))  # noqa: S608 - a number
        missing = [seq for seq, digest in wanted.items() if kept.get(seq) != digest]
        if missing:
            raise Harm(f"snapshots {missing[:5]} were shown and are not kept as they were")
        if sorted(kept) != list(range(low + 1, low + len(kept) + 1)):
            raise Harm("a number is missing or there twice")
        self._verified = min(max(kept, default=low), max(wanted, default=low))
        holes = uncovered(self._house.database, HOLE_SECONDS)
        if holes:
            raise Harm(holes[0])
        text = self._house.said()
        if found := [secret[:4] for secret in self._house.secrets if secret in text]:
            raise Harm(f"a secret that begins with {found[0]} is in the log")
        self._weigh()
        lines: list[str] = []
        if every and not verify(url, lines.append):
            raise Harm("; ".join(line for line in lines if line.startswith("FAIL")))

    def _weigh(self) -> None:
        for product in self._house.products:
            for worker in self._house.workers(product):
                try:
                    found = (len(list(Path(f"/proc/{worker}/fd").iterdir())), _of_status(worker, "Threads"))
                    room = _of_status(worker, "VmRSS") * 1024
                except OSError:  # it ended just now
                    continue
                first = self._first.setdefault(worker, found)
                if any(now > 2 * before + MORE_OPEN for now, before in zip(found, first, strict=True)):
                    raise Harm(f"a worker has {found} descriptors and threads, {first} at first")
                if room > ROOM_BYTES:
                    raise Harm(f"a worker holds {room >> 20} MB")

    def _watch(self, product: Process) -> None:
        while not self._ending.wait(LOOK_SECONDS):
            before, url = product in self._hurt, f"http://127.0.0.1:{product.port}"
            try:
                health = httpx.get(f"{url}/healthz", timeout=LONGEST_ANSWER).status_code
                answer = httpx.get(f"{url}/api/pnl/current", timeout=LONGEST_ANSWER)
            except httpx.HTTPError as error:
                if not before and product not in self._hurt:
                    self._harm.append(f"a product that nobody hurt does not answer: {type(error).__name__} {error}")
                continue
            hurt = before or product in self._hurt  # it may have been hurt while it answered
            if health != 200 and not hurt:
                self._harm.append(f"/healthz of a product that nobody hurt answers {health}")
            if answer.status_code == 200:
                self._acknowledge(answer)

    def _acknowledge(self, answer: httpx.Response) -> None:
        snapshot, digest = answer.json(), sha256(answer.content).hexdigest()
        if self.acknowledged.setdefault(snapshot["seq"], digest) != digest:
            self._harm.append(f"snapshot {snapshot['seq']} was shown with two contents")
        for name, source in snapshot["sources"].items():
            if source["status"] != "off" and source["status"] != "live" and not (source["error"] or source["as_of"]):
                self._harm.append(f"{name} is {source['status']} and does not say why")

    def _raise(self) -> None:
        if self._harm:
            raise Harm(self._harm[0])


def _enter(lasting: ExitStack, together: list[Breaking]) -> None:
    for one in together:
        lasting.enter_context(one.lasts())


def _amiss(source: dict[str, Any], mended: datetime) -> str:
    """Return what is amiss with a source: it is live, or failed before the fault ended and tells when it asks again."""
    if source["status"] == "live" and _age(source["as_of"]) > source["stale_seconds"] + SLACK_SECONDS:
        return f"{source['name']} is of {source['as_of']} and told as live"
    if source["status"] in ("live", "off"):
        return ""
    tried = source["last_attempt"] and datetime.fromisoformat(source["last_attempt"]) > mended + timedelta(seconds=5)
    following = source["next_attempt"] and datetime.fromisoformat(source["next_attempt"])
    if not tried and following and following > datetime.now(UTC):
        return ""
    return f"{source['name']} is {source['status']}: {source['error']}"


def _age(instant: str) -> float:
    return (datetime.now(UTC) - datetime.fromisoformat(instant)).total_seconds()


def _of_status(process: int, name: str) -> int:
    text = Path(f"/proc/{process}/status").read_text()
    found = re.search(rf"^{name}:\s+(\d+)", text, re.MULTILINE)
    return int(found[1]) if found else 0


def seconds_of(text: str) -> float:
    """Return the seconds that `90`, `90s`, `10m` or `2h` say.

    Raises:
        ValueError: It says none.
    """
    found = re.fullmatch(r"(\d+)([smh]?)", text)
    if not found:
        raise ValueError(f"SOAK={text} is no time: give seconds, or 10m or 2h")
    return float(found[1]) * {"": 1, "s": 1, "m": 60, "h": 3600}[found[2]]


def main() -> int:
    """Soak for as long as is told; 0 when nothing came to harm."""
    seconds = seconds_of(sys.argv[1]) if len(sys.argv) > 1 else 600.0
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.SystemRandom().randrange(10**6)
    say(f"seed {seed}, {seconds:.0f} s")
    folder = Path(tempfile.mkdtemp(prefix="soak-"))
    house = House(folder, seed)
    soak = Soak(house, seed)
    harm = ""
    try:
        soak.run(seconds)
    except Harm as error:
        harm = str(error)
    finally:
        soak.close()
        said = house.said()
        house.close()
    for name, count in sorted(soak.faults.items()):
        say(f"  {count:4} × {name}")
    say(
        f"seed {seed}: {sum(soak.faults.values())} faults, {len(soak.acknowledged)} snapshots seen, {house.restarts} "
        f"starts by the supervisor, well again after {soak.slowest:.0f} s at the latest"
    )
    if harm:
        say(f"FAIL  {harm}")
        say(f"the data and the logs are in {folder}")
        for line in said.splitlines()[-60:]:
            say(f"  {line}")
        return 1
    shutil.rmtree(folder)
    say("No invariant was broken.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
