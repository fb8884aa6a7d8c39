"""The file of rules and receivers: what it may say, what is refused with its line and cure, and that it is followed."""

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from pnl.alerts.address import address_of
from pnl.alerts.book import Book
from pnl.alerts.file import read_file
from pnl.errors import ConfigError, RuleError
from pnl.store import SqlStore, open_store
from tests.alerts.ear import KEY, SECRET
from tests.fakes import StillClock

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "alerts.toml"
PAGER = f"""[receiver.pager]
kind = "pagerduty"
routing_key = "{KEY}"
"""
RULE = """[[rule]]
name = "Loss"
figure = "net"
when = "below"
amount = "-500"
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "alerts.toml"


def refusal(path: Path, text: str) -> str:
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        read_file(path)
    said = str(caught.value)
    assert "\n" not in said
    return said.removeprefix(str(path))


def test_the_example_is_a_file_that_is_taken(tmp_path: Path) -> None:
    shutil.copy(EXAMPLE, tmp_path)
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    (secrets / "pagerduty-routing-key").write_text(f"{KEY}\n")
    (secrets / "slack-url").write_text("https://hooks.slack.com/services/T0/B0/x\n")
    (secrets / "ledger-bot").write_text(SECRET)

    found = read_file(tmp_path / "alerts.toml")

    assert found.public_url == "https://pnl.example.com"
    assert {name: one.kind for name, one in found.receivers.items()} == {
        "on-call": "pagerduty", "desk": "slack", "ledger-bot": "webhook",
    }  # fmt: skip
    assert found.receivers["on-call"].address.url == "https://events.pagerduty.com/v2/enqueue"
    assert found.receivers["ledger-bot"].give_up_hours == 6
    first = found.rules[0]
    assert (first.name, first.amount, first.hold, first.severity, first.receivers) == (
        "Loss of the day", -500_000_000_000, timedelta(minutes=1), "critical", ("on-call", "desk"),
    )  # fmt: skip
    assert {rule.origin for rule in found.rules} == {"file"}
    assert len({rule.id for rule in found.rules}) == len(found.rules) == 7


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rules = 3", ", line 1, there is no 'rules'; the file has public_url, receiver, rule"),
        ("rule = 3", ", line 1, rules are tables, 200 at most: write [[rule]] before each"),
        ("receiver = 3", ", line 1, receivers are tables: write [receiver.on-call]"),
        ("[[rule]\nname = 3", " is no TOML: "),
        (RULE.replace("-500", "−500"), ", line 1, rule 1 'Loss': amount '−500' is no plain decimal number: write"),
        (f"{RULE}\n{RULE}", ", line 7, rule 2 'Loss': another rule is called 'Loss': give it a name of its own"),
        (f"# rules\n{RULE}severity = 'page'", ", line 2, rule 1 'Loss': severity 'page' is not one of warning,"),
        (f"{RULE}limit = 3", ", line 1, rule 1 'Loss': there is no field 'limit'; a rule has name, figure"),
        (
            f"{PAGER}\n{RULE}receivers = ['desk']",
            ", line 5, rule 1 'Loss': there is no receiver 'desk' in the file (there is pager): add it",
        ),
        ("[[rule]]\nfigure = 'net'", ", line 1, rule 1: name is missing"),
        (f"\n{PAGER}url = 'x'", ", line 2, receiver 'pager': there is no field 'url'; a pagerduty receiver has kind"),
        ("[receiver.x]\nkind = 'mail'", ", line 1, receiver 'x': kind 'mail' is not one of pagerduty, slack, webhook"),
        ("[receiver.X]\nkind = 'slack'", ", line 1, receiver 'X': receiver 'X' is no name of a receiver"),
        ("[receiver.x]\nkind = 'slack'", ", line 1, receiver 'x': url is missing: give it, or the path of a file with"),
        (
            "[receiver.x]\nkind = 'slack'\nurl_file = 'no/where'",
            ", line 1, receiver 'x': url_file '{folder}/no/where' cannot be read (No such file or directory)",
        ),
        (
            f"{PAGER}routing_key_file = 'x'",
            ", line 1, receiver 'pager': routing_key and routing_key_file are both given: give one of them",
        ),
        (PAGER.replace(KEY, "short"), ", line 1, receiver 'pager': routing_key is not 32 letters and digits: copy the"),
        (f"{PAGER}give_up_hours = 100", ", line 1, receiver 'pager': give_up_hours 100 is not a whole number from 1 "),
        (
            "[receiver.x]\nkind = 'webhook'\nurl = 'https://a.example'\nsecret = 'short'",
            ", line 1, receiver 'x': secret is shorter than 16 letters: make one by openssl rand -hex 32",
        ),
        (
            "[receiver.x]\nkind = 'slack'\nurl = 'http://hooks.example/x'",
            ", line 1, receiver 'x': url is not https: alerts are sent in the open only to this machine, or where",
        ),
        ("public_url = 'pnl'", ", line 1, public_url 'pnl' is not where our pages are opened, such as https://pnl."),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_line_and_its_cure(path: Path, text: str, said: str) -> None:
    assert said.replace("{folder}", str(path.parent)) in refusal(path, text)


def test_a_file_that_is_not_there_is_told(path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file or directory"):
        read_file(path)


def test_a_refusal_shows_no_secret(path: Path) -> None:
    key = f"{KEY}canary"
    assert "canary" not in refusal(path, PAGER.replace(KEY, key))
    assert "canary" not in refusal(path, "[receiver.x]\nkind = 'slack'\nurl = 'http://hooks.example/canary'")
    assert "canary" not in refusal(path, "[receiver.x]\nkind = 'slack'\nurl = 'https://u:canary@hooks.example/'")


@pytest.mark.parametrize(
    "url", ["https://hooks.example/x?y=z", "http://127.0.0.1:9000/x", "http://localhost/x", "http://[::1]:90/x"]
)
def test_alerts_go_by_https_or_to_this_machine(url: str) -> None:
    assert not address_of(url, "url").named


@pytest.mark.parametrize(
    "url", ["http://10.0.0.5/x", "ftp://a.example", "https://", "https://a b.example", "x", "https://a:x/"]
)
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(RuleError):
        address_of(url, "url")


def test_a_host_that_is_named_outright_may_be_anywhere() -> None:
    named = address_of("http://10.0.0.5:9000/x", "url", "http://10.0.0.5:9000")

    assert named.named
    assert named.refusal("10.0.0.5") is None
    with pytest.raises(RuleError, match="base_url is scheme and host of url"):
        address_of("http://10.0.0.6:9000/x", "url", "http://10.0.0.5:9000")


@pytest.mark.parametrize(
    "peer", ["10.0.0.5", "127.0.0.1", "169.254.169.254", "::1", "fd00::1", "fe80::1%eth0", "0.0.0.0"]
)
def test_a_name_that_leads_to_a_private_address_is_refused_before_anything_is_sent(peer: str) -> None:
    assert "name it outright by base_url" in (address_of("https://hooks.example/x", "url").refusal(peer) or "")
    assert address_of("https://hooks.example/x", "url").refusal("93.184.215.14") is None


def test_this_machine_is_this_machine() -> None:
    assert address_of("http://localhost/x", "url").refusal("127.0.0.1") is None
    assert "is not this machine" in (address_of("http://localhost/x", "url").refusal("10.0.0.5") or "")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    made = open_store(f"sqlite:///{tmp_path / 'pnl.db'}", demo=False)
    made.lead()
    yield made
    made.close()


def book_of(store: SqlStore, path: Path | None) -> Book:
    made = Book(store.alerts(), path, StillClock(), "http://127.0.0.1:8050")
    made.begin()
    return made


def test_a_change_of_the_file_is_followed_and_a_bad_one_keeps_what_was_good(store: SqlStore, path: Path) -> None:
    path.write_text(PAGER + RULE)
    book = book_of(store, path)
    assert [rule.name for rule in book.in_force.rules] == ["Loss"]

    path.write_text(PAGER + RULE.replace("net", "nett") + "# longer")
    with capture_logs() as logs:
        book.look()
        book.look()

    assert [rule.name for rule in book.in_force.rules] == ["Loss"]
    assert list(book.receivers) == ["pager"]
    assert "figure 'nett' is not one of net" in (book.trouble or "")
    assert [line["event"] for line in logs] == ["alerts file not taken, the rules before stay"]
    told = store.alerts().book() or {}
    assert told["trouble"] == book.trouble
    assert told["receivers"] == [{"name": "pager", "kind": "pagerduty"}]
    assert KEY not in str(told)
    path.write_text(PAGER + RULE.replace("Loss", "Loss of the day"))
    book.look()
    assert [rule.name for rule in book.in_force.rules] == ["Loss of the day"]
    assert (store.alerts().book() or {})["trouble"] is None


def ids(book: Book) -> dict[str, str]:
    """Return what each rule in force is known by, by its name."""
    return {rule.name: rule.id for rule in book.in_force.rules}


def named(*names: str, **changed: str) -> str:
    """Return a file of rules that are alike in all but their names; of those in `changed` the amount is another."""
    return PAGER + "".join(
        RULE.replace("Loss", name).replace("-500", changed.get(name, "-500")) for name in (*names, *changed)
    )


def written(book: Book, path: Path, text: str) -> dict[str, str]:
    """Return what each rule is known by after the file was changed."""
    path.write_text(text.ljust(path.stat().st_size + 1, "\n"))
    book.look()
    assert book.trouble is None
    return ids(book)


def test_a_rule_that_is_only_called_otherwise_is_the_same_rule_also_after_a_start(store: SqlStore, path: Path) -> None:
    path.write_text(named("Loss", Fees="-20"))
    book = book_of(store, path)
    before = ids(book)

    after = written(book, path, named("Loss of the day", Fees="-20"))
    again = ids(book_of(store, path))
    path.write_text(named("Loss", Fees="-30"))
    while_away = ids(book_of(store, path))

    assert after == again == {"Loss of the day": before["Loss"], "Fees": before["Fees"]}
    assert while_away == before


def test_rules_that_only_their_names_tell_apart_are_not_mixed_up(store: SqlStore, path: Path) -> None:
    path.write_text(named("A", "B"))
    book = book_of(store, path)
    a, b = ids(book)["A"], ids(book)["B"]

    assert written(book, path, named("B", "A")) == {"A": a, "B": b}
    one = written(book, path, named("C", "B"))
    assert one == {"C": a, "B": b}
    both = written(book, path, named("D", "E"))
    assert not {a, b} & set(both.values())
    split = written(book, path, named("D", "F", "G"))
    assert split["D"] == both["D"]
    assert both["E"] not in split.values()


def test_a_rule_with_another_name_and_another_limit_is_another_rule(store: SqlStore, path: Path) -> None:
    path.write_text(named("Loss"))
    book = book_of(store, path)
    before = ids(book)["Loss"]

    assert written(book, path, named(Deep="-900"))["Deep"] != before


def test_a_name_that_is_free_again_is_not_taken_for_the_rule_that_had_it(store: SqlStore, path: Path) -> None:
    path.write_text(named("Loss"))
    book = book_of(store, path)
    before = ids(book)["Loss"]
    written(book, path, named("Deep"))

    after = written(book, path, named("Loss", "Deep"))

    assert after["Deep"] == before != after["Loss"]
    assert written(book, path, named("Deep", "Loss")) == after


def test_a_bad_file_at_a_start_keeps_the_rules_of_the_last_good_one(store: SqlStore, path: Path) -> None:
    path.write_text(PAGER + RULE)
    book_of(store, path)
    path.write_text("[[rule")

    book = book_of(store, path)

    assert [rule.name for rule in book.in_force.rules] == ["Loss"]
    assert book.trouble
    assert not book.receivers


def test_a_secret_that_changes_is_taken_up(store: SqlStore, path: Path) -> None:
    secret = path.with_name("key")
    secret.write_text(KEY)
    path.write_text(PAGER.replace(f'routing_key = "{KEY}"', 'routing_key_file = "key"'))
    book = book_of(store, path)

    secret.write_text(KEY[::-1] + "\n")
    book.look()

    assert book.receivers["pager"].secret == KEY[::-1]


def test_without_a_file_the_rules_of_the_page_are_in_force(store: SqlStore) -> None:
    book = book_of(store, None)

    assert book.in_force.rules == ()
    assert book.public_url == "http://127.0.0.1:8050"
    assert (store.alerts().book() or {})["configured"] is False
