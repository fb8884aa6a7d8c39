"""A whole server, asked with everything that somebody hostile would write: it stays calm, and says nothing back."""

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import pytest

from pnl.domain.records import Record
from tests.browser.archive import PASSWORD, Archive, serving
from tests.domain.strategies import entry, record
from tests.hostile import EVERY, FORMULAS

LEAKS = ("Traceback", "site-packages", "sqlalchemy", 'File "', "sqlite3", "werkzeug.exceptions")
HEADERS = (
    "Host",
    "Origin",
    "Authorization",
    "Cookie",
    "Referer",
    "User-Agent",
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Proto",
    "X-Forwarded-User",
    "Last-Event-ID",
    "If-None-Match",
    "If-Modified-Since",
    "Range",
    "Accept",
    "Accept-Encoding",
    "Accept-Language",
    "Sec-Fetch-Site",
    "Content-Type",
    "Upgrade",
)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """A server of three days and of sales with hostile names, at which people sign in."""

    def nobody(*_: object) -> Any:  # noqa: ANN401 - no browser
        raise AssertionError

    with serving(Path(tmp_path_factory.mktemp("hostile")), nobody, signs_in=True) as made:
        last = made.company.shown[-1].snapshot.as_of
        day = made.company.calendar.day(last)
        sales: list[Record] = [
            record(replace(entry("sale", "1.00", day, name=f"x-{number}"), description=text, customer=text))
            for number, text in enumerate(EVERY)
        ]
        refunds = [record(replace(entry("refund", "-5.20", day, name="refund-1"), description="minus"))]
        made.company.tick(last + timedelta(seconds=10), *sales, *refunds)
        yield made


@pytest.fixture(scope="module")
def browser(house: Archive) -> Iterator[httpx.Client]:
    """An editor's browser."""
    with httpx.Client(base_url=house.url, headers={"Origin": house.url}, timeout=60) as made:
        assert made.post("/signin", data={"name": "bob", "password": PASSWORD}).status_code == 303
        yield made


def calm(answer: httpx.Response, text: str) -> None:
    """Assert that an answer is no failure, leaks nothing, and says nothing back that would be taken for markup."""
    where = f"{answer.request.method} {str(answer.request.url)[:200]} {answer.status_code}"
    assert answer.status_code < 500, f"{where}: {answer.text[:300]}"
    assert answer.headers["X-Content-Type-Options"] == "nosniff", where
    assert "x" not in answer.cookies, where
    assert not any(leak in answer.text for leak in LEAKS), f"{where}: {answer.text[:300]}"
    if "html" in answer.headers.get("Content-Type", "") and "<" in text:
        assert text not in answer.text, where
    place = answer.headers.get("Location", "/")
    assert place.startswith("/"), where
    assert not place.startswith("//"), where


def test_every_parameter_of_every_route(browser: httpx.Client) -> None:
    paths: dict[str, Any] = browser.get("/api/openapi.json").json()["paths"]
    asked = 0
    for path, methods in paths.items():
        if path in ("/api/pnl/ws", "/api/pnl/stream"):
            continue
        given: list[dict[str, Any]] = methods.get("get", {}).get("parameters", [])
        for one in given:
            for text in EVERY[asked % 3 :: 3]:  # a third each, turn by turn: all of them take minutes
                if one["in"] == "query":
                    address = f"{path.replace('{', '').replace('}', '')}?{urlencode({one['name']: text})}"
                else:
                    address = path.replace("{" + one["name"] + "}", quote(text, safe=""))
                calm(browser.get(address.replace("{", "%7B").replace("}", "%7D")), text)
                asked += 1
    assert asked > 300


@pytest.mark.parametrize("path", ["/", "/history", "/signin", "/nowhere", "/api/nowhere"])
def test_every_page_by_any_address(house: Archive, browser: httpx.Client, path: str) -> None:
    with httpx.Client(base_url=house.url) as nobody:
        for text in EVERY:
            for address in (
                f"{path}?{urlencode({'next': text, 'as_of': text, 'theme': text, 'by': text, text[:50]: text})}",
                f"{path}?{quote(text, safe='')}",
                f"{path}/{quote(text, safe='')}",
            ):
                calm(browser.get(address), text)
                calm(nobody.get(address), text)


def test_bytes_that_are_no_text_are_calmly_taken(house: Archive, browser: httpx.Client) -> None:
    with httpx.Client(base_url=house.url) as nobody:
        for raw in ("%FF", "%ED%A0%80", "%C0%AF", "%", "%zz", "%00"):
            for path in ("/", "/history", "/signin", "/api/pnl/days", "/nowhere"):
                for address in (f"{path}?next=/{raw}", f"{path}?{raw}={raw}", f"{path.rstrip('/')}/{raw}"):
                    calm(browser.get(address), raw)
                    calm(nobody.get(address), raw)


@pytest.mark.parametrize("name", HEADERS)
@pytest.mark.parametrize("path", ["/", "/api/pnl/current", "/api/pnl/ws", "/signin", "/assets/css/base.css"])
def test_every_header(house: Archive, name: str, path: str) -> None:
    with httpx.Client(base_url=house.url) as nobody:
        for text in EVERY:
            value = text.encode("utf-8", "surrogatepass")
            if set(value) & {0, 10, 13} or value != value.strip():
                continue  # no program can put these into a header
            calm(nobody.get(path, headers=[(name.encode(), value)]), text)


def test_every_field_of_an_entry_and_every_body(browser: httpx.Client) -> None:
    good = {"id": "e-1", "date": "2026-11-20", "kind": "sale", "amount": "1.00", "currency": "USD", "description": "x"}
    for field in ("id", "date", "amount", "kind", "customer", "nothing"):
        for text in EVERY:
            calm(browser.post("/api/pnl/entries", json=good | {field: text}), text)
    for number, text in enumerate(EVERY):
        made = browser.post("/api/pnl/entries", json=good | {"id": f"h-{number}", "description": text})
        assert made.status_code in (201, 400), made.text
        calm(browser.get(f"/api/pnl/entries/{quote(text, safe='')}/audit"), text)
        for path in ("/api/pnl/entries", "/_dash-update-component", "/signin", "/signout/x"):
            calm(browser.post(path, content=text.encode("utf-8", "surrogatepass")), text)
            kind = {"Content-Type": "application/json"}
            calm(browser.post(path, content=text.encode("utf-8", "surrogatepass"), headers=kind), text)
    calm(browser.get("/api/pnl/entries"), "")


@pytest.mark.parametrize("table", ["revenue", "entries"])
def test_in_an_exported_sheet_no_text_is_a_formula_and_every_number_is_as_it_was(
    browser: httpx.Client, table: str
) -> None:
    answer = browser.get(f"/api/pnl/export.csv?table={table}")

    assert answer.status_code == 200, answer.text
    rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    told = {row["description"].removeprefix("'") for row in rows}
    if table == "revenue":
        assert set(FORMULAS) <= told
        assert [row["amount"] for row in rows if row["description"] == "minus"] == ["-5.20"]
    for row in rows:
        for name, cell in row.items():
            assert not cell.lstrip(" \u200b\ufeff").startswith(("=", "+", "@", "\t", "\r", "\n", "＝")), (name, cell)
