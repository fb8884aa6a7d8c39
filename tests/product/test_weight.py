"""What a start loads: nothing that only some installations, or only some moments, have a use for."""

import subprocess
import sys

import pytest

RARE = {
    "alembic": "migrations",
    "authlib": "signing in at a provider",
    "boto3": "AWS",
    "duckdb": "benchmarks",
    "genai_prices": "usage that has no cost yet",
    "joserfc": "tokens of hosts and providers",
    "openpyxl": "XLSX",
    "pandas": "nothing",
    "psycopg": "PostgreSQL",
    "pyarrow": "Parquet",
    "redis": "Redis",
    "xlsxwriter": "XLSX",
    "pnl.backups.keeper": "backups",
    "pnl.backups.whole": "backups",
    "pnl.sandbox.engine": "demo data",
    "pnl.store.verification": "proofs",
}


@pytest.fixture(scope="module")
def loaded() -> set[str]:
    """Return every module that is there once the product can be put together."""
    said = subprocess.run(
        [sys.executable, "-c", "import app, pnl.desk.assembly, sys; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(said.stdout.split())


def test_the_product_is_there(loaded: set[str]) -> None:
    assert {"pnl.desk.assembly", "pnl.web.server", "flask", "dash"} <= loaded


@pytest.mark.parametrize("module", sorted(RARE), ids=sorted(RARE))
def test_a_start_does_not_load(module: str, loaded: set[str]) -> None:
    assert module not in loaded, f"{module} is for {RARE[module]}: load it there"


def test_a_command_about_users_loads_no_pages() -> None:
    said = subprocess.run(
        [sys.executable, "-c", "import sys, pnl.cli; pnl.cli.parser(['users']); print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert {"flask", "dash", "plotly", "alembic"} & set(said.stdout.split()) == set()
