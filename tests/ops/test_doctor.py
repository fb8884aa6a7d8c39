"""`pnl doctor` as an operator runs it, against upstreams that answer over HTTP."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from pnl.cli import main
from pnl.clock import SystemClock
from pnl.sandbox import Sandbox, Status

ROOT = Path(__file__).parents[2]
Run = Callable[..., tuple[int, str]]


@pytest.fixture(scope="module")
def world() -> Iterator[Sandbox]:
    clock = SystemClock()
    epoch = (clock.now() - timedelta(days=3)).replace(hour=0, minute=0, second=0, microsecond=0)
    with Sandbox(seed=5, clock=clock, epoch=epoch) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(world: Sandbox) -> Iterator[Sandbox]:
    yield world
    world.faults.clear("kalshi")
    world.faults.clear("anthropic")


def settings_of(sandbox: Sandbox, folder: Path) -> dict[str, str]:
    upstreams = sandbox.upstreams
    return {
        "PNL_DATA_DIR": str(folder),
        "PNL_KALSHI_BASE_URL": upstreams.kalshi_base_url,
        "PNL_KALSHI_KEY_ID": upstreams.kalshi_key_id,
        "PNL_KALSHI_PRIVATE_KEY": upstreams.kalshi_private_key.replace("\n", "\\n"),
        "PNL_ANTHROPIC_BASE_URL": upstreams.anthropic_base_url,
        "PNL_ANTHROPIC_ADMIN_KEY": upstreams.anthropic_admin_key,
        "PNL_REVENUE_URL": upstreams.revenue_url,
        "PNL_REVENUE_TOKEN": upstreams.revenue_token,
        "PNL_STRIPE_BASE_URL": upstreams.stripe_base_url,
        "PNL_STRIPE_KEY": upstreams.stripe_key,
    }


@pytest.fixture
def run(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a way to run `pnl doctor --quick` with the sandbox's settings, some of them changed."""

    def doctor(**changes: str) -> tuple[int, str]:
        monkeypatch.chdir(tmp_path)
        for name in [name for name in os.environ if name.startswith("PNL_")]:
            monkeypatch.delenv(name)
        for name, text in (settings_of(sandbox, tmp_path) | changes).items():
            monkeypatch.setenv(name, text)
        code = main(["doctor", "--quick"])
        captured = capsys.readouterr()
        return code, captured.out + captured.err

    return doctor


def lines(said: str, source: str) -> list[str]:
    """Return what was said of a source, a line each, without the margin."""
    _, _, rest = said.partition(f"{source}:\n")
    found = []
    for line in rest.splitlines():
        if not line.startswith("  "):
            break
        found.append(line.strip())
    return found


def secrets_in(said: str, sandbox: Sandbox) -> list[str]:
    upstreams = sandbox.upstreams
    key = [line for line in upstreams.kalshi_private_key.splitlines() if line and "-----" not in line]
    every = [*key, upstreams.anthropic_admin_key, upstreams.revenue_token, upstreams.stripe_key]
    return [secret for secret in every if secret in said]


def test_every_source_is_examined_and_all_is_well(run: Run, sandbox: Sandbox) -> None:
    code, said = run()

    assert code == 0, said
    assert "FAIL" not in said
    kalshi = lines(said, "kalshi")
    assert [line.split()[1] for line in kalshi] == [
        "exchange:",
        "balance:",
        "positions:",
        "fills:",
        "limits:",
        "clock:",
    ]
    assert "s off Kalshi's clock" in kalshi[-1]
    anthropic = "\n".join(lines(said, "anthropic"))
    assert "yesterday at list $" in anthropic
    assert " reported" in anthropic
    assert "PNL_ANTHROPIC_MODE=auto: the cost is read as " in anthropic
    assert "entries, settled" in lines(said, "revenue.feed")[0]
    stripe = "\n".join(lines(said, "revenue.stripe"))
    assert "warning: a test key: these are not real sales" in stripe
    assert "the key may read balance transactions" in stripe
    assert secrets_in(said, sandbox) == []


def test_a_file_of_sales_is_examined_too(run: Run, tmp_path: Path) -> None:
    sales = tmp_path / "sales.csv"
    sales.write_text("id,date,amount,currency\ninv-1,2026-11-20,12.50,USD\n", encoding="utf-8")
    well = run(PNL_REVENUE_CSV=str(sales), PNL_REVENUE_URL="", PNL_REVENUE_TOKEN="")
    sales.write_text("id,date,amount,currency\ninv-1,2026-11-20,12.5x,USD\n", encoding="utf-8")
    unwell = run(PNL_REVENUE_CSV=str(sales), PNL_REVENUE_URL="", PNL_REVENUE_TOKEN="")

    assert (well[0], lines(well[1], "revenue.csv")[0]) == (0, "ok    csv: 1 entries, settled 12.50 USD")
    assert unwell[0] == 1
    assert "mend PNL_REVENUE_CSV" in lines(unwell[1], "revenue.csv")[0]


OTHER_KEY = (
    "-----BEGIN PRIVATE KEY-----\\n"
    "MC4CAQAwBQYDK2VwBCIEIB1sW2hkdTHWkSqHo1CNGcSfyEZVKeYCNaBDQ6pRhpTs\\n"
    "-----END PRIVATE KEY-----"
)


@pytest.mark.parametrize(
    ("setting", "wrong", "source"),
    [
        ("PNL_KALSHI_KEY_ID", "00000000-0000-4000-8000-000000000000", "kalshi"),
        ("PNL_KALSHI_PRIVATE_KEY", OTHER_KEY, "kalshi"),
        ("PNL_KALSHI_BASE_URL", "http://127.0.0.1:9/trade-api/v2", "kalshi"),
        ("PNL_ANTHROPIC_ADMIN_KEY", "sk-ant-admin01-" + "x" * 90, "anthropic"),
        ("PNL_ANTHROPIC_BASE_URL", "http://127.0.0.1:9", "anthropic"),
        ("PNL_REVENUE_TOKEN", "rev_wrong", "revenue.feed"),
        ("PNL_REVENUE_URL", "http://127.0.0.1:9", "revenue.feed"),
        ("PNL_STRIPE_KEY", "rk_test_wrong", "revenue.stripe"),
    ],
)
def test_what_is_wrong_is_named_by_the_setting_to_mend(
    run: Run, sandbox: Sandbox, setting: str, wrong: str, source: str
) -> None:
    code, said = run(**{setting: wrong})

    assert code == 1
    failed = [line for line in lines(said, source) if line.startswith("FAIL")]
    assert failed
    assert all(setting in line for line in failed)
    assert said.count("FAIL") == len(failed), "the other sources are examined all the same, and well"
    assert secrets_in(said, sandbox) == []
    if "KEY_ID" not in setting and "URL" not in setting:
        assert wrong not in said


@pytest.mark.parametrize(
    ("wrong", "cure"),
    [
        ("not a key", "is not in PEM: give the whole file"),
        ("-----BEGIN PRIVATE KEY-----\\nxxxx\\n-----END PRIVATE KEY-----", "cannot be read: give the whole file"),
        ("-----BEGIN PUBLIC KEY-----\\nxxxx\\n-----END PUBLIC KEY-----", "is a public key"),
    ],
)
def test_a_key_that_is_none_is_a_wrong_setting(run: Run, wrong: str, cure: str) -> None:
    code, said = run(PNL_KALSHI_PRIVATE_KEY=wrong)

    assert code == 2
    assert f"pnl: PNL_KALSHI_PRIVATE_KEY {cure}" in said


def test_an_upstream_that_is_broken_is_told_for_every_question(run: Run, sandbox: Sandbox) -> None:
    sandbox.faults.lay("kalshi", Status(500))

    code, said = run()

    assert code == 1
    assert ["HTTP 500" in line for line in lines(said, "kalshi") if line.startswith("FAIL")] == [True] * 5


class Late:
    """A clock that is twelve seconds late."""

    def now(self) -> datetime:
        return SystemClock().now() - timedelta(seconds=12)

    def monotonic(self) -> float:
        return SystemClock().monotonic()


def test_a_clock_that_is_off_is_told(run: Run) -> None:
    with Sandbox(seed=5, clock=Late(), epoch=Late().now() - timedelta(days=1), lively=False) as late:
        upstreams = late.upstreams
        code, said = run(
            PNL_KALSHI_BASE_URL=upstreams.kalshi_base_url,
            PNL_KALSHI_PRIVATE_KEY=upstreams.kalshi_private_key,
        )

    assert code == 1
    (failed,) = (line for line in lines(said, "kalshi") if line.startswith("FAIL"))
    assert re.fullmatch(r"FAIL  clock: this machine is \+1[123]\.\d s off Kalshi's clock: set it, .*", failed)


def command(folder: Path, settings: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    clean = {name: text for name, text in os.environ.items() if not name.startswith("PNL_")}
    return subprocess.run(
        [sys.executable, "-m", "pnl", *arguments],
        cwd=folder,
        env=clean | {"PYTHONPATH": str(ROOT)} | settings,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_command_examines_and_exits_by_what_it_found(sandbox: Sandbox, tmp_path: Path) -> None:
    settings = settings_of(sandbox, tmp_path)

    well = command(tmp_path, settings, "doctor", "--quick")
    unwell = command(tmp_path, settings | {"PNL_REVENUE_TOKEN": "rev_wrong"}, "doctor", "--quick")
    wrong = command(tmp_path, settings | {"PNL_KALSHI_PRIVATE_KEY": "no key"}, "doctor", "--quick")

    assert (well.returncode, unwell.returncode, wrong.returncode) == (0, 1, 2), well.stdout + well.stderr
    assert well.stderr == ""
    assert "mend PNL_REVENUE_TOKEN" in unwell.stdout
    assert wrong.stderr.startswith("pnl: PNL_KALSHI_PRIVATE_KEY is not in PEM")
    assert secrets_in(well.stdout + unwell.stdout + wrong.stderr, sandbox) == []


def test_without_a_source_the_command_says_that_there_is_nothing_to_examine(tmp_path: Path) -> None:
    done = command(tmp_path, {"PNL_DATA_DIR": str(tmp_path)}, "doctor")

    assert done.returncode == 0
    assert "the built-in sandbox feeds the pages" in done.stdout
