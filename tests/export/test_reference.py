"""The reference tells of every column of every table, in order."""

import re
from pathlib import Path

from pnl.export.tables import EVERY, TYPES

TEXT = (Path(__file__).parents[2] / "docs" / "reference" / "export.md").read_text(encoding="utf-8")


def test_the_reference_lists_the_columns_that_there_are() -> None:
    told = {
        part.partition("\n")[0]: re.findall(r"^\| `(\w+)` \| (\w+) \| (.*) \|$", part, re.MULTILINE)
        for part in TEXT.split("\n## ")[2:]
    }

    assert told == {
        table.schema: [(column.name, column.type, column.text) for column in table.columns] for table in EVERY
    }
    assert all(f"| {kind} | {text} |" in TEXT for kind, text in TYPES.items())
