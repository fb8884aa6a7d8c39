"""What a panel's scripts need of each other comes with them: a frame has no other scripts."""

import re

import pytest

from pnl.web.embed.bundle import ASSETS
from pnl.web.embed.page import BUNDLES

UNREACHED = {"overlay", "range", "root", "statement", "then", "timing"}
"""What only pages offer to press, or what is asked for where it is there."""
WHOLE = [name for name, bundle in BUNDLES.items() if bundle.kind == "js" and "." in name.removesuffix(".js")]


@pytest.mark.parametrize("name", [name for name in WHOLE if ".more-" not in name])
def test_a_panel_has_every_part_that_its_scripts_speak_of(name: str) -> None:
    paths = ("embed/first.js", *BUNDLES[name].paths)
    text = "".join((ASSETS / path).read_text(encoding="utf-8") for path in paths)

    used = set(re.findall(r"northstar\.(\w+)", text))
    made = set(re.findall(r"northstar\.(\w+)\s*(?:\?\?)?=[^=]", text))

    assert used - made <= UNREACHED
