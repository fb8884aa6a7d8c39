"""The unit of systemd and the Procfile."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UNIT = ROOT / "deploy" / "systemd" / "northstar-pnl.service"


def analyze(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd-analyze is not here")
    return subprocess.run([program, *arguments], capture_output=True, check=False, text=True, timeout=60)


def verified(folder: Path) -> subprocess.CompletedProcess[str]:
    """Have systemd read the unit, put into a folder, with what is beside it there."""
    there = folder / "python"
    there.symlink_to("/bin/true")
    unit = folder / UNIT.name
    unit.write_text(UNIT.read_text(encoding="utf-8").replace("/opt/northstar-pnl/.venv/bin/python", str(there)))
    return analyze("verify", unit)


def test_systemd_understands_every_line(tmp_path: Path) -> None:
    done = verified(tmp_path)

    assert (done.returncode, [line for line in done.stderr.splitlines() if UNIT.stem in line]) == (0, [])


def test_a_drop_in_lets_it_write_a_folder_of_another_disk(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "how-to" / "back-up.md").read_text(encoding="utf-8")
    drop_in = page.partition("```ini\n")[2].partition("```")[0]
    assert re.fullmatch(r"\[Service\]\nReadWritePaths=-/\S+\n", drop_in)

    (tmp_path / f"{UNIT.name}.d").mkdir()
    (tmp_path / f"{UNIT.name}.d" / "override.conf").write_text(drop_in)
    done = verified(tmp_path)

    assert (done.returncode, [line for line in done.stderr.splitlines() if UNIT.stem in line]) == (0, [])


def test_what_it_exposes_is_little() -> None:
    done = analyze("security", "--offline=true", UNIT)

    found = re.search(r"exposure level for \S+ ([\d.]+)", done.stdout)
    assert found, done.stderr
    assert float(found[1]) <= 1.5


def test_a_setting_that_makes_no_sense_is_not_tried_again() -> None:
    text = UNIT.read_text(encoding="utf-8")

    assert "\nRestart=always\n" in text
    assert "\nRestartPreventExitStatus=2\n" in text


def test_whatever_may_pass_is_tried_again_for_as_long_as_it_takes() -> None:
    text = UNIT.read_text(encoding="utf-8")

    assert "\nStartLimitIntervalSec=0\n" in text
    assert "StartLimitBurst" not in text
    pause = re.search(r"^RestartSec=(\d+)$", text, re.MULTILINE)
    assert pause
    assert 2 <= int(pause[1]) <= 10


def test_the_page_tells_the_exposure_that_systemd_sees_and_the_pause_of_the_unit() -> None:
    page = (ROOT / "docs" / "how-to" / "deploy-on-a-small-machine.md").read_text(encoding="utf-8")
    done = analyze("security", "--offline=true", UNIT)

    found = re.search(r"exposure level for \S+ ([\d.]+)", done.stdout)
    assert found, done.stderr
    assert f"says {found[1]}, " in page
    assert "starts again five seconds after" in page
    assert "\nRestartSec=5\n" in UNIT.read_text(encoding="utf-8")


def test_every_page_names_the_unit_as_it_is_called() -> None:
    pages = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "docs").rglob("*.md")}
    named = {
        (name, found)
        for name, text in pages.items()
        for found in re.findall(r"(?:systemctl [a-z]+ (?:--now )?|--unit )(northstar[\w.-]*)", text)
    }

    assert {found for _, found in named} == {UNIT.stem}
    assert ("restore-at-night.md", UNIT.stem) in named


def test_the_procfile_starts_what_there_is() -> None:
    kinds = dict(re.findall(r"^([a-z]+): (.+)$", (ROOT / "Procfile").read_text(encoding="utf-8"), re.MULTILINE))

    assert kinds.keys() == {"pnl"}
    assert (ROOT / shlex.split(kinds["pnl"])[-1]).exists()
