"""One way to speak HTTP: what an upstream may do to us, and which error says so."""

import asyncio
import gzip
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from pnl.clock import SystemClock
from pnl.errors import (
    ConfigError,
    SourceBroken,
    SourceBusy,
    SourceError,
    SourceGarbled,
    SourceRefused,
    SourceRejected,
    SourceUnreachable,
)
from pnl.sources.failures import http_date, retry_after, told
from pnl.sources.http import Answer, Http
from pnl.sources.reading import exact_json, raw_json, reading
from pnl.web.cures import cure

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class StoppedClock:
    """A clock that stands still."""

    def now(self) -> datetime:
        return NOW

    def monotonic(self) -> float:
        return 0.0


@asynccontextmanager
async def upstream(talk: Talk, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """Serve every connection of a loopback port with `talk`, and give its base URL."""
    writers: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            await talk(reader, writer)
        writer.transport.abort()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    host, port = server.sockets[0].getsockname()[:2]
    try:
        yield f"http{'s' if tls else ''}://{host}:{port}"
    finally:
        server.close()
        for writer in writers:
            writer.transport.abort()
        while rest := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.gather(*rest, return_exceptions=True)
        for writer in writers:
            with suppress(ConnectionError, ssl.SSLError):
                await writer.wait_closed()
        for _ in range(3):  # a transport that was aborted closes its socket a turn of the loop later
            await asyncio.sleep(0)


def saying(raw: bytes, *, reset: bool = False) -> Talk:
    async def talk(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(raw)
        await writer.drain()
        if not reset:
            writer.close()
            await writer.wait_closed()

    return talk


def ok(body: bytes, *headers: str) -> bytes:
    head = ["HTTP/1.1 200 OK", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


async def asked(talk: Talk, *, deadline_seconds: float = 2.0, byte_cap: int = 4096) -> Answer:
    async with upstream(talk) as url:
        http = Http("s", url, clock=SystemClock(), deadline_seconds=deadline_seconds, byte_cap=byte_cap)
        try:
            return await http.get("/things")
        finally:
            await http.close()


async def answered(response: httpx.Response, **options: object) -> Answer:
    http = Http(
        "s",
        "https://host.example/v2/",
        clock=StoppedClock(),
        transport=httpx.MockTransport(lambda _: response),
        **options,  # type: ignore[arg-type] # the options of one test
    )
    return await http.get("/things", [("token", "hidden-query")])


# What is asked


async def test_the_path_goes_below_the_base_and_the_parameters_into_the_query() -> None:
    seen: list[httpx.Request] = []

    def take(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={})

    http = Http(
        "s", "https://h.example/v2/", clock=StoppedClock(), headers={"X-Key": "k"}, transport=httpx.MockTransport(take)
    )

    await http.get("/a/b", [("t", "x,y"), ("t", "z")], {"X-Once": "1"})

    assert seen[0].url.raw_path == b"/v2/a/b?t=x%2Cy&t=z"
    assert http.url_path("/a/b") == "/v2/a/b"
    assert seen[0].headers["Accept-Encoding"] == "identity"
    assert seen[0].headers["User-Agent"].startswith("NorthStar-PnL/")
    assert (seen[0].headers["X-Key"], seen[0].headers["X-Once"]) == ("k", "1")


async def test_an_error_and_an_answer_name_the_address_that_was_asked() -> None:
    with pytest.raises(SourceRejected, match=r"^host\.example/v2/things: HTTP 404$"):
        await answered(httpx.Response(404))
    assert (await answered(httpx.Response(200, json={}))).what == "host.example/v2/things"


async def test_a_cookie_is_not_sent_back() -> None:
    seen: list[str | None] = []

    def take(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers.get("Cookie"))
        return httpx.Response(200, headers={"Set-Cookie": "a=b; Path=/"}, json={})

    http = Http("s", "https://h.example", clock=StoppedClock(), transport=httpx.MockTransport(take))

    await http.get("/")
    await http.get("/")

    assert seen == [None, None]


@pytest.mark.parametrize(
    "url", ["", "kalshi", "ftp://h/x", "https://", "https://u:p@h/x", "https://h/x?a=b", "https://h:x/"]
)
def test_a_base_url_that_cannot_be_asked_is_a_setting_to_mend(url: str) -> None:
    with pytest.raises(ConfigError, match="base URL of s") as caught:
        Http("s", url, clock=StoppedClock())

    assert "u:p" not in str(caught.value)


async def test_a_client_works_again_in_another_loop_and_after_it_was_closed() -> None:
    async with upstream(saying(ok(b"{}"))) as url:
        http = Http("s", url, clock=SystemClock())
        await http.get("/")
        await http.close()

        answer = await http.get("/")

        await http.close()
    assert answer.json() == {}


# What may come back


async def test_an_answer_tells_its_time_and_its_body() -> None:
    answer = await answered(httpx.Response(200, content=b'{"a": 1.50}'))

    assert answer.json() == {"a": Decimal("1.50")}
    assert (answer.status, answer.received_at, answer.took_seconds) == (200, NOW, 0.0)


async def test_not_modified_is_an_answer() -> None:
    assert (await answered(httpx.Response(304))).status == 304


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (500, SourceBroken),
        (502, SourceBroken),
        (503, SourceBroken),
        (529, SourceBroken),
        (429, SourceBusy),
        (401, SourceRefused),
        (403, SourceRefused),
        (400, SourceRejected),
        (404, SourceRejected),
        (418, SourceRejected),
        (301, SourceRejected),
        (302, SourceRejected),
        (307, SourceRejected),
        (700, SourceGarbled),
    ],
)
async def test_a_status_is_sorted_once(status: int, error: type[SourceError]) -> None:
    response = httpx.Response(status, text="<html>login</html>", headers={"Location": "http://169.254.169.254/"})

    with pytest.raises(SourceError) as caught:
        await answered(response)

    assert type(caught.value) is error
    assert f"HTTP {status}" in str(caught.value)
    assert "hidden-query" not in str(caught.value)


async def test_the_vendors_own_words_are_told_on_one_line_without_our_secret() -> None:
    def explain(body: bytes) -> str:
        return f"bad\n key {body.decode()}"

    with pytest.raises(SourceRejected, match="bad key …") as caught:
        await answered(
            httpx.Response(400, content=b"sk-12345678"),
            headers={"Authorization": "Bearer sk-12345678"},
            explain=explain,
        )

    assert "12345678" not in str(caught.value)


async def test_words_that_cannot_be_found_do_not_hide_the_status() -> None:
    def explain(_body: bytes) -> str:
        raise RecursionError

    with pytest.raises(SourceBroken, match="HTTP 503"):
        await answered(httpx.Response(503, text="<html>"), explain=explain)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        ("0.5", 0.5),
        ("99999999999", 300.0),
        ("Fri, 20 Nov 2026 12:00:30 GMT", 30.0),
        ("Fri, 20 Nov 2099 12:00:30 GMT", 300.0),
        ("Fri, 20 Nov 2020 12:00:30 GMT", 0.0),
        ("-1", None),
        ("inf", None),
        ("nan", None),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_seconds_within_five_minutes(value: str | None, seconds: float | None) -> None:
    assert retry_after(value, NOW) == seconds


def test_a_date_without_a_zone_is_utc() -> None:
    assert http_date("Fri, 20 Nov 2026 12:00:30 -0000") == NOW + timedelta(seconds=30)


async def test_a_busy_upstream_says_how_long_to_wait() -> None:
    with pytest.raises(SourceBusy) as caught:
        await answered(httpx.Response(429, headers={"Retry-After": "7"}))

    assert caught.value.retry_after == 7.0


async def test_the_skew_of_the_clocks_is_measured_also_on_a_refusal() -> None:
    response = httpx.Response(401, headers={"Date": "Fri, 20 Nov 2026 11:59:00 GMT"})
    http = Http("s", "https://h.example", clock=StoppedClock(), transport=httpx.MockTransport(lambda _: response))
    assert http.clock_skew_seconds is None

    with pytest.raises(SourceRefused):
        await http.get("/")

    assert http.clock_skew_seconds == 59.5


# What an upstream may do to us


async def hang(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    await reader.read()


def dripping(head: bytes, drop: bytes) -> Talk:
    async def talk(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        while not writer.is_closing():
            writer.write(drop)
            await writer.drain()
            await asyncio.sleep(0.02)

    return talk


@pytest.mark.parametrize(
    "talk",
    [
        hang,
        dripping(b"HTTP/1.1 200 OK\r\nX: ", b"x"),
        dripping(b"HTTP/1.1 200 OK\r\n\r\n", b"x"),
        dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n\r\n", b" "),
    ],
    ids=["silence", "slow headers", "slow body without length", "slow body"],
)
async def test_the_deadline_covers_headers_and_body_together(talk: Talk) -> None:
    began = asyncio.get_running_loop().time()

    with pytest.raises(SourceUnreachable, match=r"no complete answer within 0\.2 s"):
        await asked(talk, deadline_seconds=0.2)

    assert asyncio.get_running_loop().time() - began < 1.0


async def test_an_error_whose_body_never_ends_is_still_that_error() -> None:
    with pytest.raises(SourceBroken, match="HTTP 500"):
        await asked(dripping(b"HTTP/1.1 500 X\r\nContent-Length: 4000\r\n\r\n", b" "), deadline_seconds=0.4)


async def test_a_body_beyond_the_cap_is_not_read_on() -> None:
    async def flood(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 500000000\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"x" * 65536)
            await writer.drain()

    with pytest.raises(SourceGarbled, match="longer than the 4,096 bytes"):
        await asked(flood)


async def test_a_compressed_body_is_refused_before_it_grows() -> None:
    bomb = gzip.compress(b"0" * 1_000_000)

    with pytest.raises(SourceGarbled, match="compressed"):
        await asked(saying(ok(bomb, "Content-Encoding: gzip")))


@pytest.mark.parametrize(
    ("talk", "error", "words"),
    [
        (saying(b"", reset=True), SourceUnreachable, "reset|closed"),
        (saying(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"), SourceUnreachable, "closed in the middle"),
        (saying(b"\x00\x01\x02\xff\r\n\r\n"), SourceGarbled, "not HTTP"),
        (saying(ok(b"{}", *(f"X-{n}: 1" for n in range(5000)))), SourceGarbled, "headers|not HTTP"),
        (saying(ok(b"{}", *(f"X-{n}: 1" for n in range(300)))), SourceGarbled, "300|headers"),
    ],
    ids=["reset", "short body", "garbage", "5000 headers", "300 headers"],
)
async def test_a_broken_exchange_says_what_broke(talk: Talk, error: type[SourceError], words: str) -> None:
    with pytest.raises(SourceError, match=words) as caught:
        await asked(talk)

    assert type(caught.value) is error


async def test_nobody_listening_is_told_as_such() -> None:
    async with upstream(hang) as url:
        pass

    with pytest.raises(SourceUnreachable, match="connection refused"):
        await Http("s", url, clock=SystemClock()).get("/")


async def test_a_host_that_does_not_exist_is_told_as_such() -> None:
    def lost(_request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("x") from OSError("group", ExceptionGroup("g", [OSError()]))

    http = Http("s", "https://h.example", clock=StoppedClock(), transport=httpx.MockTransport(lost))

    with pytest.raises(SourceUnreachable, match=r"h\.example/x: no connection"):
        await http.get("/x")


@pytest.fixture
def certificate(tmp_path: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "elsewhere.example")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW - timedelta(days=9000))
        .not_valid_after(NOW - timedelta(days=8000))
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "server.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


async def test_a_certificate_that_is_not_good_is_told_as_such(certificate: ssl.SSLContext) -> None:
    async with upstream(saying(ok(b"{}")), certificate) as url:
        with pytest.raises(SourceUnreachable, match="certificate is not good") as unbelieved:
            await Http("s", url, clock=SystemClock()).get("/")

    said = told(unbelieved.value, "PNL_KEY", "PNL_URL")
    assert said.endswith("; mend that certificate, or give the name in PNL_URL that it is for")
    assert cure("revenue.feed", "SourceUnreachable", str(unbelieved.value)).startswith(
        "Mend the certificate of that server, or give the name in PNL_REVENUE_URL that it is for"
    )


async def test_speaking_tls_to_a_plain_port_is_told_as_such() -> None:
    async def plain(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(plain, "127.0.0.1", 0)
    async with server:
        http = Http("s", f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}", clock=SystemClock())
        with pytest.raises(SourceUnreachable, match=r"no secure connection|connection reset"):
            await http.get("/")
        await http.close()


async def test_a_cancelled_request_is_cancelled_and_not_an_error() -> None:
    arrived = asyncio.Event()

    async def arrive(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        arrived.set()
        await reader.read()

    async with upstream(arrive) as url:
        http = Http("s", url, clock=SystemClock())
        asking = asyncio.create_task(http.get("/"))
        await arrived.wait()
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        await http.close()


# Exact JSON


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"a": 1',
        b"<html>login</html>",
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": -Infinity}',
        b'{"a": 1e999}',
        b'{"a": 1e99999999999999999999}',
        b'{"a": 1e-999}',
        b'{"a": ' + b"9" * 10_000 + b"}",
        b'{"a": 0.' + b"9" * 10_000 + b"}",
        b"[" * 200_000,
        b'{"a":' * 200_000,
        b'{"a": 1, "a": 1}',
        b'{"a": "\xff"}',
        b"\xff\xfe{}",
        b'{"a": "\\ud800"}',
        b'{"\\uD800": 1}',
        b'{"a": ["\\u0000"]}',
    ],
    ids=lambda body: repr(body[:24]),
)
def test_what_is_not_exact_json_is_garbled(body: bytes) -> None:
    with pytest.raises(SourceGarbled) as caught:
        exact_json("s", "host/path", body)

    assert str(caught.value).startswith("host/path: ")
    assert len(str(caught.value)) < 400


def test_numbers_keep_every_digit_and_raw_text_gives_them_back() -> None:
    body = '{"b":[1,0.50,1E+2,-3,true,null],"a":"€ \\"x\\" \\ud83d\\ude00"}'.encode()

    value = exact_json("s", "w", body)

    assert value["b"] == [1, Decimal("0.50"), Decimal("1E+2"), -3, True, None]
    assert raw_json(value) == '{"b":[1,0.50,1E+2,-3,true,null],"a":"€ \\"x\\" 😀"}'
    assert exact_json("s", "w", raw_json(value).encode()) == value


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (KeyError("price"), "row 7: the field 'price' is missing"),
        (ValueError("price 'x' is no number"), "row 7: price 'x' is no number"),
        (TypeError("x" * 1000), "row 7: xxx"),
        (RecursionError(), "row 7: nested too deep"),
        (ZeroDivisionError(), "row 7: ZeroDivisionError"),
    ],
)
def test_a_parsers_stumble_names_what_was_read(error: Exception, words: str) -> None:
    with pytest.raises(SourceGarbled) as caught, reading("s", "row 7"):
        raise error

    assert str(caught.value).startswith(words)
    assert len(str(caught.value)) < 200


def test_an_error_of_the_tree_passes_through_a_parser() -> None:
    with pytest.raises(SourceBusy), reading("s", "row 7"):
        raise SourceBusy("s", "later")
