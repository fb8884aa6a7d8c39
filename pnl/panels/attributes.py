"""Attributes whose names are no Python names."""

from typing import Any


def named(**values: str) -> dict[str, Any]:
    """Return `aria-label` for `aria_label`, `data-range` for `data_range`, ready for `**`.

    `Any`, because a type checker cannot tell which parameters a spread dictionary fills.
    """
    return {name.replace("_", "-"): value for name, value in values.items()}
