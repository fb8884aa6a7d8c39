import re
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from pnl.config import Settings
from pnl.config.settings import NAMES
from pnl.domain.money import CONTRACT, Nano, nano
from pnl.domain.positions import FLAT, Position, apply, close_out, dollars
from pnl.domain.records import Fill, Side
from pnl.domain.snapshot import LINES
from pnl.domain.statement import Trading, statement

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of the table of settings: with a file beside it or not, and its default as the page spells it."""

    file: bool
    default: str


def settings_table() -> dict[str, Row]:
    text = (DOCS / "reference" / "settings.md").read_text(encoding="utf-8")
    found = re.findall(r"^\| `(PNL_\w+)`( or `_FILE`)? \| (.+?) \| ", text, re.MULTILINE)
    return {name: Row(file=bool(file), default=default) for name, file, default in found}


def test_the_table_lists_every_setting_and_no_other() -> None:
    assert settings_table().keys() == NAMES.plain


def test_the_table_says_which_settings_may_come_from_a_file() -> None:
    assert {name for name, row in settings_table().items() if row.file} == NAMES.secrets


@pytest.mark.parametrize("name", sorted(NAMES.plain - {"PNL_DATABASE_URL"}))
def test_the_table_gives_the_default_in_force(name: str) -> None:
    value = getattr(Settings.load({}, None), name.removeprefix("PNL_").lower())
    shown = f"{value:g}" if isinstance(value, float) else str(value)

    assert settings_table()[name].default == ("not set" if value in (None, ()) else f"`{shown}`")


def test_the_table_gives_the_default_database() -> None:
    real = Settings.load({"PNL_SANDBOX": "off", "PNL_DATA_DIR": "{data_dir}"}, None)

    assert settings_table()["PNL_DATABASE_URL"].default == f"`{real.database_url}`"


def test_the_example_file_sets_nothing_but_defaults() -> None:
    assert Settings.load({}, ROOT / ".env.example") == Settings.load({}, None)


@pytest.mark.parametrize("page", [*DOCS.rglob("*.md"), ROOT / "README.md", ROOT / "CHANGELOG.md"], ids=lambda p: p.stem)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    links = re.findall(r"(?<!!)\[[^\]]+\]\(([^)#]+)", page.read_text(encoding="utf-8"))

    assert [link for link in links if "://" not in link and not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", [*DOCS.rglob("*.md"), ROOT / "README.md", ROOT / ".env.example"], ids=lambda p: p.stem)
def test_pages_name_only_settings_that_there_are(page: Path) -> None:
    named = re.findall(r"PNL_[A-Z_]*[A-Z]", page.read_text(encoding="utf-8"))

    assert [name for name in named if NAMES.of(name) is None] == []


def fill(side: Side, contracts: int, price: str, fee: str = "0") -> Fill:
    return Fill(
        id=f"{side}-{contracts}",
        ticker="KX-A",
        subaccount=0,
        at=datetime(2026, 11, 20, 15, tzinfo=UTC),
        side=side,
        count=contracts * CONTRACT,
        price=nano(price),
        fee=nano(fee),
        order_id="o",
        is_taker=True,
    )


def unrealised(position: Position, bid: str) -> Nano:
    return abs(position.contracts) * nano(bid) // CONTRACT - position.cost


def test_the_worked_day_is_what_the_rules_make_of_it() -> None:
    text = (DOCS / "explanation" / "how-the-numbers-are-made.md").read_text(encoding="utf-8")
    told = {
        name: nano(Decimal(amount.replace("−", "-")))
        for name, amount in re.findall(r"^\| \**(\w+)\** \| \**(−?[\d.]+)\** \|$", text, re.MULTILINE)
    }
    a, b = apply(FLAT, fill("yes", 850, "0.61")), apply(FLAT, fill("no", 200, "0.40"))
    opening = unrealised(a, "0.66") + unrealised(b, "0.42")

    a, b = apply(a, fill("no", 100, "0.35", fee="1.60")), close_out(b, dollars(200 * CONTRACT))
    made = statement(
        trading=Trading(
            realised=a.realised + b.realised,
            fees=a.fees + b.fees,
            unrealised=unrealised(a, "0.68"),
            opening=opening,
            other_income=0,
        ),
        api_cost=nano("64.13"),
        revenue={
            "revenue": nano("1250"),
            "refunds": nano("-50"),
            "processor_fees": nano("-36.55"),
            "adjustments": 0,
        },
        operating_cost=nano("-1"),
    )

    assert told.pop("net") == made.net
    assert told == made.lines
    assert tuple(told) == LINES
    assert made.net_realised == nano("1220.72")
