"""The pages of reference that follow from the code are what it makes of them."""

import pytest
from flask import Flask

from pnl.live.hub import Hub
from pnl.store import schema
from pnl.web.access import OPEN
from tests.docs.reference import FOLDER, PAGES, undescribed
from tests.docs.tables import PURPOSE
from tests.web.conftest import feed, figures, hub, seats, store
from tests.web.doors import served
from tests.web.fakes import FakeFigures, FakeStore

__all__ = ["feed", "figures", "hub", "seats", "store"]


@pytest.fixture
def app(figures: FakeFigures, store: FakeStore, hub: Hub) -> Flask:
    return served(figures, store, hub, OPEN)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_what_the_code_makes_of_it(name: str) -> None:
    written = (FOLDER / f"{name}.md").read_text(encoding="utf-8")

    assert written == PAGES[name](), f"docs/reference/{name}.md is not of this code: run make reference"


def test_every_table_is_told_and_no_other() -> None:
    tables = {"roll" if name.startswith("roll_") else name for name in schema.metadata.tables}

    assert set(PURPOSE) == tables, "tell what each table is for in tests/docs/tables.py"


def test_every_route_of_the_api_is_described(app: Flask) -> None:
    assert undescribed(app) == set()
