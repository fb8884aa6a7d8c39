"""Settings as they are given, and the line with which a start is refused."""

from pathlib import Path

import pytest

from pnl.config import Settings
from pnl.errors import ConfigError, PnlError


def load(env_file: Path | None = None, /, **given: str) -> Settings:
    return Settings.load(given, env_file)


def refusal(env_file: Path | None = None, kind: type[PnlError] = ConfigError, /, **given: str) -> str:
    """Return the line with which a start is refused."""
    with pytest.raises(kind) as caught:
        load(env_file, **given)
    text = str(caught.value)
    assert "\n" not in text
    return text
