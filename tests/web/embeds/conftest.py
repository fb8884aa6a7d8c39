"""A company whose panels other sites may frame."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web.embedding import Embedding, embedding


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Embedding]:
    with embedding(tmp_path) as made:
        yield made
