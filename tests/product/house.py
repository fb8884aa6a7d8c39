"""The whole product over real HTTP against a sandbox, with a clock that a test moves."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pnl.config import Settings
from pnl.desk.assembly import Desk, build
from pnl.sandbox import Sandbox
from tests.fakes import StillClock

NOON = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
EPOCH = datetime(2026, 11, 1, tzinfo=UTC)

Row = dict[str, Any]


def settings_for(sandbox: Sandbox, folder: Path, **more: str) -> Settings:
    """Return the settings of an operator whose upstreams are the sandbox's."""
    given = {"PNL_DATA_DIR": str(folder), "PNL_SPOOL_MB": "1"} | upstreams_of(sandbox)
    return Settings.load(given | more, env_file=None)


def upstreams_of(sandbox: Sandbox) -> dict[str, str]:
    """Return the settings that name a sandbox's servers as the real ones."""
    upstreams = sandbox.upstreams
    return {
        "PNL_SANDBOX": "off",
        "PNL_KALSHI_BASE_URL": upstreams.kalshi_base_url,
        "PNL_KALSHI_KEY_ID": upstreams.kalshi_key_id,
        "PNL_KALSHI_PRIVATE_KEY": upstreams.kalshi_private_key,
        "PNL_ANTHROPIC_BASE_URL": upstreams.anthropic_base_url,
        "PNL_ANTHROPIC_ADMIN_KEY": upstreams.anthropic_admin_key,
        "PNL_REVENUE_URL": upstreams.revenue_url,
        "PNL_REVENUE_TOKEN": upstreams.revenue_token,
        "PNL_STRIPE_BASE_URL": upstreams.stripe_base_url,
        "PNL_STRIPE_KEY": upstreams.stripe_key,
    }


@dataclass
class House:
    """A product that ticks when it is told to, and what its API then answers."""

    folder: Path
    clock: StillClock = field(default_factory=lambda: StillClock(NOON))
    lively: bool = False
    netting: bool = True
    more: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.sandbox = Sandbox(
            seed=5, clock=self.clock, epoch=EPOCH, lively=self.lively, rsa=self.lively, netting=self.netting
        )
        self.sandbox.start()
        self.engine, self.faults = self.sandbox.engine, self.sandbox.faults
        self.desk: Desk = self._open()

    def _open(self) -> Desk:
        return build(settings_for(self.sandbox, self.folder, **self.more), self.clock)

    async def tick(self, times: int = 1, seconds: float = 10) -> Row:
        """Make ticks, time passing before each, and return the newest snapshot."""
        for _ in range(times):
            self.clock.go(seconds)
            await self.desk.aggregator.tick()
        return self.get("/api/pnl/current")

    async def restart(self) -> None:
        """End the product as a stop does, and start it anew on the same folder."""
        await self.desk.aggregator.close()
        self.desk.close()
        self.desk = self._open()

    def get(self, path: str) -> Row:
        """Return what the API answers."""
        answer = self.desk.server.test_client().get(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.text)
        found: Row = json.loads(answer.text)
        return found

    def checks(self, name: str | None = None) -> list[Row]:
        """Return the checks of a name, or all."""
        return [check for check in self.get("/api/pnl/checks")["checks"] if name in (None, check["name"])]

    def state(self, name: str) -> set[str]:
        """Return the states that the checks of a name are in."""
        return {check["state"] for check in self.checks(name)}

    def unwell(self) -> list[tuple[str, str, str]]:
        """Return name, scope and state of every check that is not ok."""
        return [(c["name"], c["scope"], c["state"]) for c in self.checks() if c["state"] != "ok"]

    def records(self, kind: str) -> list[Row]:
        """Return every record of a kind, newest first."""
        found: list[Row] = []
        cursor = ""
        while True:
            page = self.get(f"/api/pnl/records?kind={kind}&limit=1000{cursor}")
            found += page["records"]
            if not page["next"]:
                return found
            cursor = f"&cursor={page['next']}"

    async def close(self) -> None:
        """Stop everything."""
        await self.desk.aggregator.close()
        self.desk.close()
        self.sandbox.stop()


def ago(**span: float) -> datetime:
    """Return an instant before the tests' noon."""
    return NOON - timedelta(**span)
