"""Processes that a test breaks."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.product.process import Process


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Process]]:
    """Start processes on one folder; they end with the test."""
    begun: list[Process] = []

    def begin(**settings: str) -> Process:
        begun.append(Process(tmp_path / "data", **settings))
        return begun[-1]

    yield begin
    for process in begun:
        process.end()
