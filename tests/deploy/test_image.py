"""The Dockerfile: what a linter says of it, and what it copies."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "Dockerfile").read_text(encoding="utf-8")


def test_the_linter_finds_nothing() -> None:
    linter = Path(sys.executable).with_name("hadolint")

    done = subprocess.run([linter, ROOT / "Dockerfile"], capture_output=True, check=False, text=True, timeout=60)

    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_what_is_copied_is_there_and_is_let_through() -> None:
    copied = {name for line in re.findall(r"^COPY ([^-].*)$", TEXT, re.MULTILINE) for name in line.split()[:-1]}
    let_through = re.findall(r"^!(\S+)", (ROOT / ".dockerignore").read_text(encoding="utf-8"), re.MULTILINE)

    assert copied == set(let_through)
    assert [name for name in copied if not (ROOT / name).exists()] == []


def test_the_base_is_pinned_by_the_command_that_the_guide_gives(tmp_path: Path) -> None:
    guide = (ROOT / "docs" / "how-to" / "run-in-containers.md").read_text(encoding="utf-8")
    command = next(line for line in guide.splitlines() if line.startswith("sed -i "))
    registry = tmp_path / "docker"
    registry.write_text(f'#!/bin/sh\n[ "$1 $2 $3" = "buildx imagetools inspect" ] && echo sha256:{"4f" * 32}\n')
    registry.chmod(0o755)
    (tmp_path / "Dockerfile").write_text(TEXT, encoding="utf-8")

    subprocess.run(["sh", "-c", command], cwd=tmp_path, check=True, env={"PATH": f"{tmp_path}:/usr/bin:/bin"})

    pinned = (tmp_path / "Dockerfile").read_text(encoding="utf-8").splitlines()
    lines = TEXT.splitlines()
    assert [new for new, old in zip(pinned, lines, strict=True) if new != old] == [
        f"ARG BASE=python:3.11-slim-bookworm@sha256:{'4f' * 32}"
    ]


def test_it_runs_as_a_user_of_its_own_and_says_how_it_does() -> None:
    last = TEXT.rpartition("\nFROM ")[2]

    assert "\nUSER 10001:10001\n" in last
    assert "\nVOLUME /data\n" in last
    assert "\nSTOPSIGNAL SIGTERM\n" in last
    assert "/healthz" in last.partition("HEALTHCHECK")[2]
    assert '\nCMD ["python", "app.py"]\n' in last


def test_the_version_on_the_label_is_that_of_the_product() -> None:
    version = re.search(r"^__version__ = \"(.+)\"$", (ROOT / "pnl" / "__init__.py").read_text(), re.MULTILINE)

    assert version
    assert f"\nARG VERSION={version[1]}\n" in TEXT
