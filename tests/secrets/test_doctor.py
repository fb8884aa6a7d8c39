"""`pnl doctor` says where secrets come from, and not what they are."""

import os
import subprocess
import sys
from pathlib import Path

from tests.product.process import TOP


def test_doctor_names_the_places_of_secrets_alone(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("a-canary-in-a-file")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PNL_")}
    given = {
        "PNL_REVENUE_URL": "http://127.0.0.1:9",
        "PNL_REVENUE_TOKEN_FILE": str(token),
        "PNL_STRIPE_KEY": "rk_live_canary",
        "PNL_STRIPE_BASE_URL": "http://127.0.0.1:9",
    }

    command = [sys.executable, "-m", "pnl", "doctor"]
    said = subprocess.run(command, cwd=TOP, env=inherited | given, capture_output=True, text=True, check=False)

    assert f"PNL_REVENUE_TOKEN comes from file {token}\n" in said.stdout
    assert "PNL_STRIPE_KEY comes from the environment or .env\n" in said.stdout
    assert "canary" not in said.stdout + said.stderr
