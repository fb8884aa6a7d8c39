"""A company of three days whose panels other sites may frame, as a server and as what opens it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient

from pnl.access.embeds import Embeds
from pnl.access.ways import Open
from pnl.clock import Clock
from pnl.live.feed import Feed
from pnl.live.hub import Hub
from pnl.live.seats import Seats
from pnl.live.views import Views
from pnl.web.access import Access
from pnl.web.embed import NARROW
from pnl.web.server import create_server
from tests.empty_books import empty_file
from tests.history.company import ZONE, Company
from tests.web.past import live

WIKI = "https://wiki.example.com"
OTHER = "https://other.example"
HOST_KEY = b"h" * 32
ORIGIN = {"Origin": "http://localhost"}


@dataclass(kw_only=True)
class Embedding:
    """The company, its server, and what opens panels."""

    company: Company
    app: Flask
    embeds: Embeds
    views: Views

    def client(self) -> FlaskClient:
        return self.app.test_client()

    def token(self, *panels: str, **locked: str) -> str:
        """Return the token of a new link."""
        return self.embeds.make(panels, locked, [WIKI], 30, "ann")[1]


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@contextmanager
def embedding(
    folder: Path,
    parents: tuple[str, ...] = (WIKI, OTHER),
    per_minute: int = 1_200,
    clock: Clock | None = None,
    per_link: int = 1_000,
) -> Iterator[Embedding]:
    company = Company(empty_file(folder / "pnl.db"))
    live(company)
    seats = Seats(100, 100, per_link=per_link)
    hub = Hub(Feed(company.store.stream(), lambda: ""), seats)
    views = Views(NARROW, company.figures.current, stream=company.store.stream(), now=lambda: "", seats=seats)
    company.figures.follow(views.publish)
    embeds = Embeds(
        company.store.embeds(),
        clock or company.clock,
        parents=parents,
        secret=b"s" * 32,
        host_keys={"first": HOST_KEY},
        per_minute=per_minute,
    )
    app = create_server(
        company.figures,
        company.store,
        hub,
        host="127.0.0.1",
        port=8050,
        clock=company.clock,
        time_zone=ZONE.key,
        interval_seconds=10,
        past=company.history,
        ledgers=company.history.ledgers,
        alerting=company.store.alerts(),
        access=Access(entrance=Open(), embeds=embeds),
        views=views,
    )
    company.figures.follow(lambda _seq, _text: app.extensions["pnl.newest"].head.forget())
    try:
        yield Embedding(company=company, app=app, embeds=embeds, views=views)
    finally:
        views.close()
        hub.close()
        company.close()
