import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
RUNTIME, TESTS = ROOT / "requirements.txt", ROOT / "requirements-dev.txt"


def pins(path: Path) -> dict[str, str]:
    """Return the exact version of each package, by name."""
    return dict(re.findall(r"^([a-z0-9.-]+)==(\S+)", path.read_text(), re.MULTILINE))


def wanted(path: Path) -> set[str]:
    """Return the names that we ask for ourselves."""
    found = re.findall(r"^[A-Za-z0-9-]+", path.read_text(), re.MULTILINE)
    return {name.lower() for name in found} - {"-r", "-c"}


def test_the_tests_run_on_the_versions_that_the_product_runs_on() -> None:
    product, tests = pins(RUNTIME), pins(TESTS)

    assert product
    assert {name: tests.get(name) for name in product} == product


@pytest.mark.parametrize("path", [RUNTIME, TESTS], ids=lambda path: path.stem)
def test_everything_that_is_asked_for_is_pinned(path: Path) -> None:
    assert wanted(path.with_suffix(".in")) <= set(pins(path))


@pytest.mark.parametrize("path", [RUNTIME, TESTS], ids=lambda path: path.stem)
def test_every_pin_has_its_hashes(path: Path) -> None:
    blocks = re.split(r"\n(?=\S)", re.sub(r"^#.*\n", "", path.read_text(), flags=re.MULTILINE).strip())

    assert len(blocks) == len(pins(path))
    assert [block for block in blocks if "--hash=sha256:" not in block] == []


@pytest.mark.parametrize("path", [RUNTIME, TESTS], ids=lambda path: path.stem)
def test_pins_name_no_registry(path: Path) -> None:
    assert re.findall(r"https?:|index-url|find-links|trusted-host", path.read_text()) == []


def test_the_guide_and_the_help_of_make_name_every_file_that_is_compiled() -> None:
    compiled = {path.name for path in ROOT.glob("requirements*.in")}
    guide = (ROOT / "docs" / "how-to" / "keep-dependencies-fresh.md").read_text()
    told = re.search(r"^pins:.*?## (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)

    assert told
    assert set(re.findall(r"requirements[a-z-]*\.in", told[1])) == compiled
    assert set(re.findall(r"`(requirements[a-z-]*\.in)`", guide)) == compiled
    assert {path.with_suffix(".txt").name for path in map(Path, compiled)} <= set(re.findall(r"`([a-z.-]+)`", guide))
