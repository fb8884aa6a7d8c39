"""A program of its own: reads the CSV of a table from its input, and writes it as Parquet or XLSX to its output.

    python -m pnl.export.sheets parquet snapshots-by-step/1

It is started by `pnl.export.making`, so that what these formats need weighs on no process that serves.
"""

import csv
import os
import sys
import tempfile
import traceback
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import IO, Any, NoReturn

from pnl.export.tables import EVERY, PLAIN, Column, Table

MOST_ROWS = 1_048_576
"""The rows of a sheet, the header among them: the limit of XLSX."""
DIGITS = 15
"""What a spreadsheet's number holds exactly."""
GROUP_ROWS = 20_000
_BLOCK = 1 << 17
_TOO_LONG = 3
_LATER = 10


def main(arguments: list[str]) -> int:
    """Make what the arguments name; 3 where a sheet cannot hold it."""
    kind, schema = arguments
    table = next(table for table in EVERY if table.schema == schema)
    os.nice(_LATER)
    if kind == "parquet":
        parquet(table, sys.stdin.buffer, sys.stdout.buffer)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.xlsx"
        if not xlsx(table, sys.stdin, path):
            return _TOO_LONG
        with path.open("rb") as made:
            while part := made.read(_BLOCK):
                sys.stdout.buffer.write(part)
    sys.stdout.buffer.flush()
    return 0


def parquet(table: Table, source: IO[bytes], target: IO[bytes]) -> None:
    """Write CSV as Parquet: decimals as decimals, instants with their zone, in groups of rows."""
    import pyarrow as pa  # noqa: PLC0415 - which of the two formats is made is known only now
    from pyarrow import csv as arrow_csv  # noqa: PLC0415
    from pyarrow import parquet as pq  # noqa: PLC0415

    pa.set_memory_pool(pa.system_memory_pool())
    types: dict[str, Any] = {
        "text": pa.string(),
        "money": pa.decimal128(38, 9),
        "decimal": pa.decimal128(38, 18),
        "count": pa.int64(),
        "contracts": pa.decimal128(38, 2),
        "instant": pa.timestamp("us", tz="UTC"),
        "moment": pa.timestamp("us", tz="UTC"),
        "date": pa.date32(),
        "bool": pa.bool_(),
    }
    kinds = {column.name: types[column.type] for column in table.columns}
    schema = pa.schema(list(kinds.items()), metadata={"northstar.schema": table.schema})
    plain = {
        name: pa.int64() if type_ in (types["money"], types["instant"]) else type_ for name, type_ in kinds.items()
    }
    sent = plain if table.schema in PLAIN else kinds
    words = [column.name for column in table.columns if column.type == "text"]
    read = arrow_csv.open_csv(
        source,
        read_options=arrow_csv.ReadOptions(use_threads=False, block_size=_BLOCK),
        parse_options=arrow_csv.ParseOptions(newlines_in_values=True),
        convert_options=arrow_csv.ConvertOptions(
            column_types=sent, null_values=[""], strings_can_be_null=True, true_values=["true"], false_values=["false"]
        ),
    )
    with pq.ParquetWriter(pa.PythonFile(target, mode="w"), schema, compression="zstd", use_dictionary=words) as writer:
        waiting: list[Any] = []
        for batch in read:
            waiting.append(_meant(batch, schema) if sent is plain else batch)
            if sum(len(one) for one in waiting) >= GROUP_ROWS:
                writer.write_table(pa.Table.from_batches(waiting, schema))
                waiting = []
                pa.default_memory_pool().release_unused()
        if waiting:
            writer.write_table(pa.Table.from_batches(waiting, schema))
    target.flush()


def _meant(batch: Any, schema: Any) -> Any:  # noqa: ANN401 - pyarrow has no types
    """Return a batch whose whole numbers are what they stand for: nano-dollars are decimals with nine digits."""
    import pyarrow as pa  # noqa: PLC0415 - as above

    columns = []
    for name, kind in zip(schema.names, schema.types, strict=True):
        column = batch.column(name)
        if pa.types.is_decimal(kind) and pa.types.is_integer(column.type):
            whole = column.cast(pa.decimal128(kind.precision, 0))
            column = pa.Array.from_buffers(kind, len(whole), whole.buffers(), whole.null_count, whole.offset)
        columns.append(column if column.type == kind else column.cast(kind))
    return pa.record_batch(columns, schema=schema)


def xlsx(table: Table, source: Iterable[str], path: Path) -> bool:
    """Write CSV as XLSX, without formulas and links, in flat memory; False where it has more rows than a sheet."""
    import xlsxwriter  # noqa: PLC0415 - as above

    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "tmpdir": str(path.parent),
    }
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties({"title": table.schema, "created": datetime(2000, 1, 1)})  # noqa: DTZ001 - as it asks for
        sheet = book.add_worksheet(table.name)
        formats = {
            "money": book.add_format({"num_format": "0.00#######"}),
            "decimal": book.add_format({"num_format": "0.00#############"}),
            "contracts": book.add_format({"num_format": "0.00"}),
            "instant": book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss.000"}),
            "date": book.add_format({"num_format": "yyyy-mm-dd"}),
        }
        formats["moment"] = formats["instant"]
        sheet.freeze_panes(1, 1)
        sheet.set_column(0, len(table.columns) - 1, 18)
        for number, row in enumerate(csv.reader(source)):
            if number == MOST_ROWS:
                return False
            for place, (column, cell) in enumerate(zip(table.columns, row, strict=True)):
                if number == 0:
                    sheet.write_string(0, place, cell)
                elif cell:
                    _write(sheet, number, place, column, cell, formats.get(column.type))
    return True


def _write(sheet: Any, row: int, place: int, column: Column, cell: str, how: Any) -> None:  # noqa: ANN401, PLR0917
    match column.type:
        case "money" | "decimal" | "contracts" | "count" if len(Decimal(cell).normalize().as_tuple().digits) <= DIGITS:
            sheet.write_number(row, place, Decimal(cell), how)
        case "bool":
            sheet.write_boolean(row, place, cell == "true")
        case "date":
            sheet.write_datetime(row, place, date.fromisoformat(cell), how)
        case "instant" | "moment":
            sheet.write_datetime(row, place, datetime.fromisoformat(cell).replace(tzinfo=None), how)
        case _:  # text, and a number with more digits than a spreadsheet's number holds
            sheet.write_string(row, place, cell)


def run(arguments: list[str]) -> NoReturn:
    """End with what `main` tells, or with 1 and the error's text: at once, for a reader of Arrow's may have threads.

    Where its input is broken, such a thread may still stand at the interpreter's own end, which then aborts: the
    process would end by a signal, or not, as the machine is loaded.
    """
    try:
        code = main(arguments)
    except BaseException:  # noqa: BLE001 - told as the interpreter would, whatever it is
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    run(sys.argv[1:])
