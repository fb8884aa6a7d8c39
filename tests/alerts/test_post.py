"""Messages on their way to a real receiver: what is tried again, what is given up, and that nothing comes twice."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from time import monotonic, sleep

import pytest

from pnl.alerts.book import Book
from pnl.alerts.post import Post
from pnl.alerts.sending import Sender
from pnl.clock import SystemClock
from pnl.domain.alerts.board import Board, Look
from pnl.domain.alerts.incidents import Action, Event, event
from pnl.domain.alerts.rules import Rule, read
from pnl.domain.alerts.states import State
from pnl.domain.money import DOLLAR
from pnl.store import SqlStore, open_store
from tests.alerts.ear import KEY, PATIENCE_SECONDS, SECRET, Ear, assert_pagerduty_takes, assert_signed
from tests.store.making import a_tick

NOW = datetime(2026, 11, 20, 17, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    made = open_store(f"sqlite:///{tmp_path / 'pnl.db'}", demo=False)
    made.lead()
    yield made
    made.close()


@pytest.fixture
def file(tmp_path: Path, ear: Ear) -> Path:
    path = tmp_path / "alerts.toml"
    path.write_text(
        f"""
public_url = "https://pnl.example.com"

[receiver.pager]
kind = "pagerduty"
routing_key = "{KEY}"
base_url = "{ear.url}"

[receiver.desk]
kind = "slack"
url = "{ear.url}/services/T0/B0/secretsecret"

[receiver.hook]
kind = "webhook"
url = "{ear.url}/hook"
secret = "{SECRET}"
"""
    )
    return path


def a_rule() -> Rule:
    given = {"name": "<!channel> =HYPERLINK(1)", "figure": "net", "when": "below", "amount": "-500"}
    return read(given | {"severity": "critical"}, rule_id="page-1", origin="page")


def an_event(action: Action = "trigger", incident: str = "page-1@1") -> Event:
    state = State(phase="firing", since=NOW, about="net below", value=-501_500_000_000, incident=incident, fired_at=NOW)
    return event(action, a_rule(), state, NOW, demo=False)


class Outbox:
    """Keeps messages with ticks."""

    def __init__(self, store: SqlStore) -> None:
        self.store, self.seq = store, 0

    def put(self, *letters: tuple[str, Event]) -> None:
        """Keep messages, which are due at once."""
        self.seq += 1
        found = Look(board=Board(), events=tuple(one for _, one in letters), letters=letters)
        tick = a_tick(self.seq)
        self.store.keep(replace(tick, snapshot=replace(tick.snapshot, as_of=datetime.now(UTC)), alerts=found))


@contextmanager
def posting(store: SqlStore, file: Path, *, deadline_seconds: float = 10, jitter: float = 0.0) -> Iterator[Post]:
    """Send what is due, quickly."""
    clock = SystemClock()
    kept = store.alerts()
    book = Book(kept, file, clock, "http://127.0.0.1:8050")
    book.begin()
    sender = Sender(clock=clock, series=store.stream(), deadline_seconds=deadline_seconds)
    post = Post(kept, book, sender, clock=clock, random=Random(1), base_seconds=jitter, look_seconds=0.02)
    post.start()
    yield post
    post.stop()


def until(holds: Callable[[], bool]) -> None:
    end = monotonic() + PATIENCE_SECONDS
    while not holds():
        assert monotonic() < end
        sleep(0.02)  # between two looks at another thread's work


def settled(store: SqlStore, receiver: str) -> bool:
    return store.alerts().deliveries()[receiver].waiting == 0


def test_pagerduty_is_sent_a_trigger_and_a_resolve_that_finds_it(store: SqlStore, file: Path, ear: Ear) -> None:
    outbox = Outbox(store)
    with posting(store, file):
        outbox.put(("pager", an_event()))
        ear.until(lambda: len(ear.heard) == 1)
        outbox.put(("pager", an_event("resolve")))
        until(lambda: settled(store, "pager"))

    trigger, resolve = ear.bodies()
    for body in (trigger, resolve):
        assert_pagerduty_takes(body)
    assert [path for path, _, _ in ear.heard] == ["/v2/enqueue"] * 2
    assert (trigger["event_action"], resolve["event_action"]) == ("trigger", "resolve")
    assert trigger["dedup_key"] == resolve["dedup_key"] == f"{store.stream()}/page-1@1"
    assert trigger["routing_key"] == KEY
    assert trigger["payload"]["severity"] == "critical"
    assert trigger["payload"]["summary"] == "<!channel> =HYPERLINK(1): Net of the day is −$501.50, below −$500.00"
    assert trigger["payload"]["custom_details"]["value"] == "-501.5"
    assert trigger["links"] == [{"href": "https://pnl.example.com/alerts", "text": "Open the alerts"}]


def test_slack_takes_what_people_wrote_as_text(store: SqlStore, file: Path, ear: Ear) -> None:
    with posting(store, file):
        Outbox(store).put(("desk", an_event()))
        ear.until(lambda: len(ear.heard) == 1)

    ((path, body, headers),) = ear.heard
    assert path == "/services/T0/B0/secretsecret"
    key = f"{store.stream()}/page-1@1/trigger"
    assert headers["Idempotency-Key"] == f'"{key}"'
    assert body["text"].startswith("🔴 &lt;!channel&gt; =HYPERLINK(1): Net of the day is −$501.50")
    header, facts, context = body["blocks"]
    assert header["text"]["type"] == facts["text"]["type"] == "plain_text"
    assert context["elements"][0]["text"] == f"<https://pnl.example.com/alerts|Open the alerts> · {key}"


def test_slack_is_told_the_limit_as_it_was_given(store: SqlStore, file: Path, ear: Ear) -> None:
    with posting(store, file):
        Outbox(store).put(("desk", replace(an_event(), amount=-1_005_000_000, value=-1_006_100_000)))
        ear.until(lambda: len(ear.heard) == 1)

    header, facts, _ = ear.bodies()[0]["blocks"]
    assert header["text"]["text"].endswith("Net of the day is −$1.0061, below −$1.005")
    assert facts["text"]["text"] == "Net of the day: −$1.0061 · limit −$1.005 · critical"


def test_slacks_header_has_both_amounts_however_long_the_name_is(store: SqlStore, file: Path, ear: Ear) -> None:
    long = replace(
        an_event(), name="Every market of the day together " * 2 + "and the fees", figure="trading_unrealised"
    )
    amounts = {"amount": -1_000_000_000 * DOLLAR, "value": -1_234_567_891 * DOLLAR}
    with posting(store, file):
        Outbox(store).put(("desk", replace(long, **amounts)))  # type: ignore[arg-type]  # whole numbers both
        ear.until(lambda: len(ear.heard) == 1)

    ((_, body, _),) = ear.heard
    header = body["blocks"][0]["text"]["text"]
    assert header.endswith("…: Trading unrealised of the day is −$1,234,567,891.00, below −$1,000,000,000.00")
    assert header.startswith("🔴 Every market of the day together")
    assert len(header) <= 150


def test_a_name_kept_from_before_turns_no_letter_of_a_message_around(store: SqlStore, file: Path, ear: Ear) -> None:
    turned = replace(an_event(), name="\u202eKalshi אבג is fine 42")
    with posting(store, file):
        Outbox(store).put(("desk", turned), ("hook", turned))
        ear.until(lambda: len(ear.heard) == 2)

    told = {path: body for path, body, _ in ear.heard}
    slack = told.pop("/services/T0/B0/secretsecret")
    (hook,) = told.values()
    assert slack["text"].startswith("🔴 \u2068Kalshi אבג is fine 42\u2069: Net of the day is −$501.50")
    assert hook["summary"].startswith("\u2068Kalshi אבג is fine 42\u2069: Net of the day is −$501.50")
    assert hook["rule"]["name"] == "Kalshi אבג is fine 42"


def test_a_webhook_is_signed_and_says_all_of_it(store: SqlStore, file: Path, ear: Ear) -> None:
    with posting(store, file):
        Outbox(store).put(("hook", an_event()))
        ear.until(lambda: len(ear.heard) == 1)

    ((_, body, headers),) = ear.heard
    assert_signed(ear.raw[0], headers)
    assert headers["Idempotency-Key"] == f'"{store.stream()}/page-1@1/trigger"'
    assert body == {
        "schema": "pnl-alert/1",
        "id": f"{store.stream()}/page-1@1/trigger",
        "action": "trigger",
        "incident": "page-1@1",
        "severity": "critical",
        "summary": "<!channel> =HYPERLINK(1): Net of the day is −$501.50, below −$500.00",
        "rule": {"id": "page-1", "name": "<!channel> =HYPERLINK(1)"},
        "figure": "net",
        "comparison": "below",
        "limit": "-500",
        "value": "-501.5",
        "unit": "dollars",
        "at": "2026-11-20T17:00:00.000Z",
        "fired_at": "2026-11-20T17:00:00.000Z",
        "resolved_at": None,
        "demo": False,
        "link": "https://pnl.example.com/alerts",
    }


@pytest.mark.parametrize(
    ("first", "error"),
    [
        ((500, {}), "HTTP 500: ok"),
        ("close", "127.0.0.1 cannot be reached"),
        ((302, {"Location": "https://elsewhere.example/"}), "it redirects, which is not followed"),
        ((404, {}), "HTTP 404: ok; mend its key or its address in the file"),
    ],
)
def test_what_did_not_arrive_is_tried_again(  # noqa: PLR0917 - fixtures and a case
    store: SqlStore,
    file: Path,
    ear: Ear,
    first: tuple[int, dict[str, str]] | str,
    error: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    ear.replies.append(first)
    with posting(store, file, jitter=0.2):
        Outbox(store).put(("hook", an_event()))
        until(lambda: settled(store, "hook"))

    assert len(ear.heard) == 2
    assert ear.raw[0] == ear.raw[1]
    assert error in capsys.readouterr().out
    assert store.alerts().deliveries()["hook"].error is None


def test_a_receiver_that_hangs_is_left_and_holds_nobody_up(store: SqlStore, file: Path, ear: Ear) -> None:
    ear.replies.append("hang")
    with posting(store, file, deadline_seconds=1.5):
        outbox = Outbox(store)
        outbox.put(("hook", an_event()))
        ear.until(lambda: len(ear.heard) == 1)
        outbox.put(("pager", an_event()))
        until(lambda: settled(store, "pager"))
        assert not settled(store, "hook")
        until(lambda: settled(store, "hook"))

    assert [path for path, _, _ in ear.heard] == ["/hook", "/v2/enqueue", "/hook"]


def test_who_is_asked_to_wait_waits(store: SqlStore, file: Path, ear: Ear) -> None:
    ear.replies.append((429, {"Retry-After": "2"}))
    with posting(store, file):
        outbox = Outbox(store)
        outbox.put(("hook", an_event()), ("hook", an_event(incident="page-1@2")))
        ear.until(lambda: len(ear.heard) == 1)
        began = monotonic()
        until(lambda: settled(store, "hook"))

    assert monotonic() - began >= 1.9
    assert ear.heard[0][1]["incident"] == "page-1@1"
    assert len(ear.heard) == 3


def test_a_receiver_is_left_alone_for_as_long_as_it_asks_and_no_longer_for_the_pause_of_one_message(
    store: SqlStore, file: Path, ear: Ear
) -> None:
    ear.replies.append((503, {"Retry-After": "1"}))
    with posting(store, file, jitter=3600):
        outbox = Outbox(store)
        outbox.put(("hook", an_event()))
        ear.until(lambda: len(ear.heard) == 1)
        outbox.put(("hook", an_event(incident="page-1@2")))
        ear.until(lambda: len(ear.heard) == 2)

    assert [body["incident"] for body in ear.bodies()] == ["page-1@1", "page-1@2"]


def test_a_file_that_is_read_anew_and_says_the_same_is_told_as_read_then(store: SqlStore, file: Path) -> None:
    kept = store.alerts()
    book = Book(kept, file, SystemClock(), "http://127.0.0.1:8050")
    book.begin()
    before = kept.book()
    file.write_text(file.read_text() + "\n# nothing else\n")

    book.look()

    after = kept.book()
    assert before is not None
    assert after is not None
    assert after["read_at"] > before["read_at"]  # type: ignore[operator]  # both are instants as text
    assert {**after, "read_at": None} == {**before, "read_at": None}


def test_a_message_that_is_refused_for_good_is_not_sent_again(store: SqlStore, file: Path, ear: Ear) -> None:
    ear.replies.append((400, {}))
    with posting(store, file):
        outbox = Outbox(store)
        outbox.put(("hook", an_event()))
        until(lambda: ear.heard != [] and settled(store, "hook"))
        outbox.put(("hook", an_event(incident="page-1@2")))
        ear.until(lambda: len(ear.heard) == 2)

    assert [body["incident"] for body in ear.bodies()] == ["page-1@1", "page-1@2"]


def test_the_end_is_told_after_the_beginning(store: SqlStore, file: Path, ear: Ear) -> None:
    ear.replies.extend([(503, {}), (503, {})])
    with posting(store, file, jitter=0.2):
        Outbox(store).put(("hook", an_event()), ("hook", an_event("resolve")))
        until(lambda: settled(store, "hook"))

    assert [body["action"] for body in ear.bodies()] == ["trigger", "trigger", "trigger", "resolve"]


def test_what_cannot_be_sent_for_long_enough_is_given_up(store: SqlStore, file: Path, ear: Ear) -> None:
    ear.replies.append((500, {}))
    kept = store.alerts()
    kept.ask_test("hook", replace(an_event("test"), at=datetime.now(UTC) - timedelta(hours=25)))
    with posting(store, file):
        until(lambda: settled(store, "hook"))

    assert kept.deliveries()["hook"].test == "given_up"
    assert len(ear.heard) == 1


def test_a_restart_between_beginning_and_end_repeats_nothing(store: SqlStore, file: Path, ear: Ear) -> None:
    outbox = Outbox(store)
    with posting(store, file):
        outbox.put(("pager", an_event()))
        until(lambda: settled(store, "pager"))
    outbox.put(("pager", an_event("resolve")))
    with posting(store, file):
        until(lambda: settled(store, "pager"))
    with posting(store, file):
        outbox.put(("hook", an_event()))
        until(lambda: settled(store, "hook"))

    assert [body.get("event_action") for body in ear.bodies()] == ["trigger", "resolve", None]


def test_a_new_leader_sends_what_is_left_and_the_old_one_nothing_more(
    store: SqlStore, file: Path, ear: Ear, tmp_path: Path
) -> None:
    outbox = Outbox(store)
    ear.replies.append((503, {"Retry-After": "1"}))
    with posting(store, file):
        outbox.put(("pager", an_event()))
        ear.until(lambda: len(ear.heard) == 1)
        other = open_store(f"sqlite:///{tmp_path / 'pnl.db'}", demo=False)
        other.lead()
        with posting(other, file):
            until(lambda: settled(other, "pager"))
            keep = Outbox(other)
            keep.seq = outbox.seq
            keep.put(("pager", an_event("resolve")))
            until(lambda: settled(other, "pager"))
        other.close()

    assert [body["event_action"] for body in ear.bodies()] == ["trigger", "trigger", "resolve"]
    assert len({body["dedup_key"] for body in ear.bodies()}) == 1


def test_a_message_for_nobody_waits_until_the_file_names_them(store: SqlStore, file: Path, ear: Ear) -> None:
    text = file.read_text()
    file.write_text("rule = 3")
    with posting(store, file):
        Outbox(store).put(("hook", an_event()))
        until(lambda: "rules are tables" in str(store.alerts().deliveries()["hook"].error))
        file.write_text(text)
        until(lambda: settled(store, "hook"))

    assert len(ear.heard) == 1


def test_no_secret_is_in_what_is_told_or_logged(
    store: SqlStore, file: Path, ear: Ear, capsys: pytest.CaptureFixture[str]
) -> None:
    ear.replies.extend([(500, {}), "close"])
    with posting(store, file, jitter=0.2) as post:
        Outbox(store).put(("desk", an_event()), ("pager", an_event()))
        until(lambda: settled(store, "desk") and settled(store, "pager"))
        told = repr(post.book.receivers)

    said = capsys.readouterr().out + told + str(store.alerts().book())
    assert "desk" in said
    for secret in (KEY, SECRET, "secretsecret"):
        assert secret not in said
