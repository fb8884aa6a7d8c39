"""What looks after the packages that we build on."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PINS = sorted(ROOT.glob("requirements*.txt"))


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """Return a folder with the pins and the script, that has the programs of the tests and no memory of an audit."""
    for name in ("scripts/audit", *(path.name for path in PINS)):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "bin").symlink_to(Path(sys.executable).parent)
    return tmp_path


def audit(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the audit where nothing but a closed port of this machine can be reached."""
    cut_off = {**os.environ, "https_proxy": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9"}
    return subprocess.run(
        [folder / "scripts" / "audit", *arguments],
        env=cut_off,
        capture_output=True,
        check=False,
        text=True,
        timeout=60,
    )


def test_an_audit_that_can_ask_nobody_fails(elsewhere: Path) -> None:
    done = audit(elsewhere)

    assert done.returncode == 1
    assert "NOT AUDITED" in done.stderr
    assert not (elsewhere / ".venv" / "audited").exists()


def test_the_check_of_every_day_says_that_it_could_ask_nobody_and_lets_the_rest_go_on(elsewhere: Path) -> None:
    done = audit(elsewhere, "daily")

    assert done.returncode == 0
    assert "NOT AUDITED" in done.stderr
    assert "Run make audit" in done.stderr
    assert not (elsewhere / ".venv" / "audited").exists()


def test_a_package_that_cannot_be_asked_about_is_a_failure() -> None:
    text = (ROOT / "scripts" / "audit").read_text(encoding="utf-8")

    assert "pip-audit --strict " in text
    assert "ignore-vuln" not in text  # with the first one, hold it to a list with its reasons


def test_every_file_of_pins_is_asked_about() -> None:
    text = (ROOT / "scripts" / "audit").read_text(encoding="utf-8")
    listed = text.partition("every='")[2].partition("'")[0]

    assert len(PINS) == 3
    assert sorted(listed.split()) == [path.name for path in PINS]
    assert "for pins in $every; do" in text


def test_the_bill_of_materials_names_what_may_be_installed(tmp_path: Path) -> None:
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "bin").symlink_to(Path(sys.executable).parent)
    for name in ("Makefile", "pyproject.toml", *(path.name for path in PINS)):
        shutil.copy(ROOT / name, tmp_path / name)

    subprocess.run(
        ["make", "--assume-old=test-environment", "sbom"], cwd=tmp_path, capture_output=True, check=True, timeout=60
    )

    for more in ("", "-extras"):
        made = json.loads((tmp_path / "artifacts" / f"sbom{more}.json").read_text(encoding="utf-8"))
        pins = re.findall(r"^([a-z0-9.-]+)==(\S+)", (ROOT / f"requirements{more}.txt").read_text(), re.MULTILINE)
        assert pins
        assert {(one["name"], one["version"]) for one in made["components"]} == set(pins)


def test_dependabot_understands_what_it_is_told() -> None:
    checker = Path(sys.executable).with_name("check-jsonschema")
    file = ROOT / ".github" / "dependabot.yml"

    done = subprocess.run(
        [checker, "--builtin-schema", "vendor.dependabot", file],
        capture_output=True,
        check=False,
        text=True,
        timeout=60,
    )

    assert done.returncode == 0, done.stdout + done.stderr


def test_our_code_is_looked_through_and_so_is_every_kept_file() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    lint = makefile.partition("\nlint:")[2].partition("\n\n")[0]

    assert "bandit" in lint
    assert "scripts/audit daily" in lint
    assert "lint" in makefile.partition("\ntest:")[2].partition("\n\n")[0]
