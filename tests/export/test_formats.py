"""Every table in every format, read back by the programs that people read them with."""

import csv
import gzip
import io
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pnl.errors import ExportError
from pnl.export import sheets
from pnl.export.archive import Archive, Part
from pnl.export.asked import Asked
from pnl.export.files import Tally, parts
from pnl.export.making import MakingFailed, made
from pnl.export.tables import DAYS, FILLS, TABLES
from tests.export.conftest import HOSTILE, TICKS

ROWS = {"snapshots": TICKS, "days": 1, "fills": 7, "settlements": 1, "costs": 2, "revenue": 3, "entries": 2}


def file(archive: Archive, **asked: Any) -> bytes:  # noqa: ANN401 - as `Asked` has them
    return b"".join(text for _, text in parts(archive, archive.fixed(Asked(**asked)), Tally(), paced=False))


def rows(text: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.decode(), newline=""), strict=True))


@pytest.mark.parametrize("table", TABLES)
def test_csv_reads_back_with_the_columns_that_were_promised(archive: Archive, table: str) -> None:
    text = file(archive, table=table)

    found = rows(text)

    assert tuple(found[0]) == TABLES[table].names
    assert len(found) == ROWS[table] == archive.count(archive.fixed(Asked(table=table)))
    assert text.endswith(b"\r\n")


@pytest.mark.parametrize("table", TABLES)
def test_duckdb_reads_the_same(archive: Archive, table: str, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(file(archive, table=table))

    query = f"SELECT * FROM read_csv('{path}', header=true, all_varchar=true, quote='\"')"  # noqa: S608 - tables, columns and numbers of our own code, nothing from outside
    found = duckdb.execute(query).fetchall()

    # It takes an empty cell for NULL.
    assert [tuple(cell or "" for cell in row) for row in found] == [
        tuple(row.values()) for row in rows(path.read_bytes())
    ]


def test_hostile_text_is_inert_and_negative_numbers_are_numbers(archive: Archive) -> None:
    costs, entries = rows(file(archive, table="costs")), rows(file(archive, table="entries"))

    assert [row["amount"] for row in costs] == ["-0.000000000001234567", "-64.13"]
    assert [row["description"] for row in costs] == ["", f"'{HOSTILE}"]
    assert [row["model"] for row in costs] == ["'@claude"] * 2
    assert [row["workspace_id"] for row in costs] == ["'-w"] * 2
    assert [row["description"] for row in entries] == [f"'{HOSTILE}", "'-1+1"]
    assert [row["customer"] for row in entries] == ["'+4912345"] * 2


def test_records_say_what_to_know_of_them(archive: Archive) -> None:
    fills = {row["fill_id"]: row for row in rows(file(archive, table="fills"))}
    (cost, _) = rows(file(archive, table="costs"))

    assert (fills["f-3"]["version"], fills["f-3"]["flags"], fills["f-3"]["price_usd"]) == ("2", "corrected", "0.55")
    assert (fills["f-2"]["version"], fills["f-2"]["flags"], fills["f-2"]["amount_usd"]) == ("1", "", "-0.40")
    assert cost["flags"] == "provisional"


def test_gzip_holds_the_very_same_csv(archive: Archive) -> None:
    packed = file(archive, format="csv.gz")

    assert gzip.decompress(packed) == file(archive)
    assert packed == file(archive, format="csv.gz")


def typed(table: str) -> dict[str, Callable[[str], Any]]:
    def instant(text: str) -> datetime:
        return datetime.fromisoformat(text).astimezone(UTC)

    ways: dict[str, Callable[[str], Any]] = {
        "text": str,
        "count": int,
        "bool": lambda text: text == "true",
        "date": date.fromisoformat,
        "instant": instant,
        "moment": instant,
    }
    return {column.name: ways.get(column.type, Decimal) for column in TABLES[table].columns}


@pytest.mark.parametrize("table", TABLES)
def test_parquet_holds_the_same_values_with_their_types(archive: Archive, table: str, tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    path.write_bytes(file(archive, table=table, format="parquet"))
    told = "".join(text.decode() for _, text in archive.csv(archive.fixed(Asked(table=table)), guarded=False))
    read = typed(table)
    expected = [{name: read[name](cell) if cell else None for name, cell in row.items()} for row in rows(told.encode())]

    found = pq.read_table(path)

    assert found.to_pylist() == expected
    assert found.schema.metadata[b"northstar.schema"] == TABLES[table].schema.encode()
    for column in TABLES[table].columns:
        kind = found.schema.field(column.name).type
        assert {"money": kind == pa.decimal128(38, 9), "instant": kind == pa.timestamp("us", tz="UTC")}.get(
            column.type, True
        )
    counted = duckdb.execute(f"SELECT count(*) FROM '{path}'").fetchall()  # noqa: S608 - tables, columns and numbers of our own code, nothing from outside
    assert counted == [(ROWS[table],)]


def test_parquet_is_written_in_groups_of_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "GROUP_ROWS", 10)
    monkeypatch.setattr(sheets, "_BLOCK", 1_000)
    one = ",".join("1" if name == "fills" else "" for name in DAYS.names)
    text = ",".join(DAYS.names) + "\r\n" + f"{one}\r\n" * 100
    path = tmp_path / "days.parquet"
    with path.open("wb") as target:
        sheets.parquet(DAYS, io.BytesIO(text.encode()), target)

    assert pq.ParquetFile(path).num_row_groups > 2
    assert pq.read_table(path).num_rows == 100


def test_a_sheet_holds_numbers_dates_and_text_that_is_no_formula(archive: Archive, tmp_path: Path) -> None:
    path = tmp_path / "fills.xlsx"
    path.write_bytes(file(archive, table="fills", format="xlsx"))

    sheet = openpyxl.load_workbook(path)["fills"]
    header, *body = sheet.iter_rows(values_only=True)
    first = dict(zip(header, body[0], strict=True))

    assert tuple(header) == FILLS.names
    assert len(body) == 7
    assert (first["price_usd"], first["fee_usd"], first["amount_usd"]) == (0.4, 0.0168, -0.4)
    assert first["at_utc"] == datetime(2026, 11, 2, 15, 0, 10)  # noqa: DTZ001 - a sheet has no zones
    assert first["is_taker"] is True
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n", "b", "d"}
    assert [cell for row in sheet.iter_rows() for cell in row if cell.hyperlink] == []


def test_a_sheet_holds_text_as_it_is_and_long_numbers_as_text(tmp_path: Path) -> None:
    path = tmp_path / "fills.xlsx"
    cells = {
        "record": "1",
        "fill_id": "=1+1",
        "ticker": "http://x",
        "price_usd": "1234567890.123456789",
        "fee_usd": "-0.10",
    }
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, FILLS.names)
    writer.writeheader()
    writer.writerow(cells)
    text.seek(0)

    assert sheets.xlsx(FILLS, text, path)

    sheet = openpyxl.load_workbook(path)["fills"]
    found = {header.value: cell for header, cell in zip(*sheet.iter_rows(), strict=True)}
    assert {name: found[name].value for name in cells} == {
        "record": 1,
        "fill_id": "=1+1",
        "ticker": "http://x",
        "price_usd": "1234567890.123456789",
        "fee_usd": -0.1,
    }
    assert found["fill_id"].data_type == "s"
    assert found["ticker"].hyperlink is None


def test_a_sheet_that_would_be_too_long_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MOST_ROWS", 3)
    text = ",".join(DAYS.names) + "\r\n" + (",".join("" for _ in DAYS.names) + "\r\n") * 3

    assert not sheets.xlsx(DAYS, io.StringIO(text, newline=""), tmp_path / "days.xlsx")


def test_more_rows_than_a_sheet_has_are_refused_by_name() -> None:
    row = ("," * (len(DAYS.names) - 1) + "\r\n").encode()
    header = (",".join(DAYS.names) + "\r\n").encode()
    text = iter([(0, header), *((10_000, row * 10_000) for _ in range(105))])

    with pytest.raises(ExportError, match="xlsx holds 1,048,575 rows at most: ask for a shorter range, or take csv"):
        list(made("xlsx", DAYS, text))


def test_a_process_that_fails_is_no_short_file() -> None:
    text = iter([(0, b"day\r\n"), (1, b"no day\r\n")])

    with pytest.raises(MakingFailed, match="the process that makes parquet ended with 1"):
        list(made("parquet", DAYS, text))


def test_a_reading_that_fails_is_told_by_its_own_error() -> None:
    def broken() -> Iterator[Part]:
        yield 0, (",".join(DAYS.names) + "\r\n").encode()
        raise ZeroDivisionError("a bug")

    with pytest.raises(ZeroDivisionError, match="a bug"):
        list(made("parquet", DAYS, broken()))


def test_who_goes_away_ends_the_process() -> None:
    row = ("," * (len(DAYS.names) - 1) + "\r\n").encode()
    given = []

    def endless() -> Iterator[Part]:
        yield 0, (",".join(DAYS.names) + "\r\n").encode()
        while True:
            given.append(1)
            yield 1000, row * 1000

    found = made("parquet", DAYS, endless())
    assert next(found)[1].startswith(b"PAR1")
    found.close()  # type: ignore[attr-defined]  # it is a generator
    count = len(given)

    assert len(given) == count


@pytest.mark.parametrize(
    ("asked", "parameter", "named"),
    [
        ({"table": "fills", "step": "1h"}, "step", "leave it out for fills"),
        ({"table": "costs", "format": "xlsx"}, "format", "days and fills"),
        ({"table": "fills", "format": "beancount"}, "table", "table=days"),
        ({"format": "parquet", "excel": True}, "dialect", "for CSV"),
        ({"format": "parquet", "zone": "Europe/Berlin"}, "tz", "for CSV"),
        ({"format": "parquet", "headed": False}, "header", "for CSV"),
    ],
)
def test_what_does_not_fit_together_is_refused(asked: dict[str, Any], parameter: str, named: str) -> None:
    with pytest.raises(ExportError, match=named) as refused:
        Asked(**asked)

    assert refused.value.parameter == parameter
