"""The whole server and its pages, over a real store of three company days; the browser's clock is at their end."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request
from werkzeug.serving import make_server

from pnl.access.embeds import Embeds
from pnl.access.keys import Keys
from pnl.access.passwords import hashed
from pnl.access.people import Role, User
from pnl.access.ways import Cookie
from pnl.desk.doors import holding
from pnl.domain.records import Fact, Record
from pnl.domain.snapshot import instant
from pnl.live.doorkeeper import Doorkeeper, Rooms
from pnl.live.feed import Feed
from pnl.live.hub import Hub
from pnl.live.seats import Seats
from pnl.live.views import Views
from pnl.web.access import OPEN, Access
from pnl.web.dash_app import mount
from pnl.web.embed import NARROW
from pnl.web.guard import allow_scripts, script_hash
from pnl.web.server import create_server
from pnl.web.theme import THEME_SCRIPT
from tests.browser.clock import run_until
from tests.domain.strategies import entry
from tests.empty_books import empty_file
from tests.history.company import ZONE, Company
from tests.web.past import live

DAYS = ("2026-11-18", "2026-11-19", "2026-11-20")


@dataclass(kw_only=True)
class Archive:
    """A company with a past, where its pages are, and what the browser complained of."""

    company: Company
    url: str
    context: Callable[[str, int], BrowserContext]
    embeds: Embeds
    doorkeeper: Doorkeeper
    complaints: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    @property
    def now(self) -> datetime:
        """The instant just after the newest snapshot."""
        return self.company.shown[-1].snapshot.as_of + timedelta(seconds=2)

    def open(self, path: str, ready: str, *, theme: str = "dark", width: int = 1440) -> Page:
        """Open a page at the end of the three days, and wait for what says that it is drawn."""
        page = self.context(theme, width).new_page()
        page.clock.install(time=self.now)
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._asked)
        page.goto(self.url + path)
        page.wait_for_selector(ready)
        return page

    def tick(self, page: Page, seconds: float, *facts: Fact | Record) -> None:
        """Make a tick so long after the last, and let the browser's time pass until its day page shows it.

        On a busy machine that is by any of the ways by which figures come, as they are tried one after the other.
        """
        self.company.tick(self.company.shown[-1].snapshot.as_of + timedelta(seconds=seconds), *facts)
        run_until(page, lambda: page.locator(f"#day[data-seq='{self.company.seq}']").count() == 1)

    def _heard(self, told: ConsoleMessage) -> None:
        if told.type in {"error", "warning"}:
            self.complaints.append(told.text)

    def _asked(self, asked: Request) -> None:
        if not asked.url.startswith((self.url, "data:", "blob:")):
            self.foreign.append(asked.url)

    def correct(self) -> None:
        """Have a sale of the first day become known after the third."""
        last = self.company.shown[-1].snapshot.as_of
        day = self.company.calendar.day(last) - timedelta(days=2)
        self.company.tick(last + timedelta(seconds=10), entry("sale", "80.00", day, name="late-1"))


PASSWORD = "a stranger's umbrella"
HASH = hashed(PASSWORD)


@contextmanager
def serving(
    folder: Path,
    context: Callable[[str, int], BrowserContext],
    *,
    signs_in: bool = False,
    access_of: Callable[[Company], Access] | None = None,
    parents: Sequence[str] = (),
    host_keys: Mapping[str, bytes] | None = None,
    demo: bool = False,
) -> Iterator[Archive]:
    """Serve the three days until the block ends.

    Args:
        folder: Where the store lives.
        context: Opens a browser's context.
        signs_in: Whether people sign in: ann, a viewer, and bob, an editor.
        access_of: Whom else it lets in.
        parents: The sites that may frame panels.
        host_keys: By which backends of such sites sign.
        demo: Whether its figures are said to be invented.
    """
    company = Company(empty_file(folder / "pnl.db"), demo=demo)
    live(company)
    feed = Feed(company.store.stream(), lambda: instant(company.clock.now()) or "")
    company.figures.follow(feed.publish)
    seats = Seats(100, 100)
    hub = Hub(feed, seats)
    hub.start()
    views = Views(
        NARROW, company.figures.current, stream=feed.stream, now=lambda: instant(company.clock.now()) or "", seats=seats
    )
    company.figures.follow(views.publish)
    embeds = Embeds(company.store.embeds(), company.clock, parents=parents, secret=b"s" * 32, host_keys=host_keys)
    access = access_of(company) if access_of else _doors(company) if signs_in else OPEN
    access = replace(access, embeds=embeds)
    app = create_server(
        company.figures,
        company.store,
        hub,
        host="127.0.0.1",
        port=0,
        clock=company.clock,
        time_zone=ZONE.key,
        interval_seconds=10,
        past=company.history,
        ledgers=company.history.ledgers,
        alerting=company.store.alerts(),
        access=access,
        views=views,
    )
    company.figures.follow(lambda _seq, _text: app.extensions["pnl.newest"].head.forget())
    app.extensions["pnl.figures"] = company.figures
    feed.publish(company.seq, company.shown[-1].snapshot.text())
    pages = mount(app, demo=demo, time_zone=ZONE.key, interval_seconds=10)
    allow_scripts(app, lambda: [*pages.csp_hashes(), script_hash(THEME_SCRIPT)])
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield Archive(
            company=company,
            url=f"http://127.0.0.1:{server.server_port}",
            context=context,
            embeds=embeds,
            doorkeeper=Doorkeeper(Rooms(hub, views), holding(access), 0.1),
        )
    finally:
        views.close()
        hub.close()
        server.shutdown()
        thread.join()
        server.server_close()
        company.close()


def _doors(company: Company) -> Access:
    accounts = company.store.accounts()
    people: tuple[tuple[str, Role], ...] = (("ann", "viewer"), ("bob", "editor"))
    for name, role in people:
        accounts.put_user(User(name=name, role=role, password=HASH))
    keys = Keys(accounts, company.clock)
    return Access(entrance=Cookie(keys), keys=keys, accounts=accounts)
