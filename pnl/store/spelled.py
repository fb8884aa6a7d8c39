"""Columns of snapshots as cells of CSV, in SQL that both databases take."""

from pnl.domain.snapshot import LINES
from pnl.ports import Spelling

MONEY = (
    *(*LINES, "net", "net_realised", "cumulative_net"),
    *("cash", "positions_value", "exposure", "equity"),
)
_VALUES = {name: f"{name}_n" for name in MONEY} | {
    "cumulative_net": "(carried_n + net_n)",
    "equity": "(cash_n + positions_value_n)",
}
_TEXTS = ("quality", "finality", "flags")
COLUMNS = ("seq", "as_of", "as_of_local", "day", *MONEY, "complete", *_TEXTS)
"""The columns of a snapshot that can be asked for."""
_PLAIN = {
    "seq": "CAST(seq AS TEXT)",
    "day": "day",
    "complete": "CASE complete WHEN 0 THEN 'false' ELSE 'true' END",
}
_BLANKS = " \u00a0\ufeff\u200b"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_DOLLAR, _CENT = 1_000_000_000, 10_000_000
_USUAL = ("", "ok", "estimated", "provisional", "final", "opening_estimated")
"""Texts that need no look."""


def cell(name: str, spelling: Spelling, *, postgresql: bool) -> str:
    """Return the SQL that spells a column of a snapshot as a cell of CSV.

    Raises:
        ValueError: There is no such column.
    """
    if name in _PLAIN:
        return _PLAIN[name]
    if spelling.plain and name in _VALUES:
        return f"coalesce(CAST({_VALUES[name]} AS TEXT), '')"
    if spelling.plain and name == "as_of":
        return "CAST(as_of_us / 1000 * 1000 AS TEXT)"
    if name in _VALUES:
        return _money(_VALUES[name])
    if name in _TEXTS:
        return _text(name, guarded=spelling.guarded)
    if name not in COLUMNS:
        raise ValueError(f"snapshots have no column {name!r}: there are {', '.join(COLUMNS)}")
    shift = spelling.offset_seconds if name == "as_of_local" else 0
    zone = _offset(shift) if name == "as_of_local" else "" if spelling.short else "Z"
    return _instant(shift, zone, short=spelling.short, postgresql=postgresql)


def _money(value: str) -> str:
    """Spell nano-dollars as `pnl.domain.money.text` does."""
    above = f"CAST({value} / {_DOLLAR} AS TEXT) || '.' || {_decimals(value)}"
    below = f"'-' || CAST(-({value} / {_DOLLAR}) AS TEXT) || '.' || {_decimals(f'(-{value})')}"
    return f"CASE WHEN {value} = 0 THEN '0.00' WHEN {value} > 0 THEN {above} WHEN {value} < 0 THEN {below} ELSE '' END"


def _decimals(value: str) -> str:
    """Spell the decimals of an amount above zero; most have two, which is quicker to tell."""
    two = f"substr(CAST(100 + {value} % {_DOLLAR} / {_CENT} AS TEXT), 2)"
    rest = f"substr(CAST({_DOLLAR} + {value} % {_DOLLAR} AS TEXT), 2)"
    return f"CASE WHEN {value} % {_CENT} = 0 THEN {two} ELSE rtrim({rest}, '0') END"


def _text(value: str, *, guarded: bool) -> str:
    """Spell text as a cell that no spreadsheet takes for a formula, as `pnl.export.cells.guarded` does."""
    first = f"substr(ltrim({value}, '{_BLANKS}'), 1, 1)"
    formulas = ", ".join(f"'{letter}'" for letter in _FORMULA)
    unsafe = f"{first} IN ({formulas}) OR substr({value}, 1, 1) = ''''"
    safe = f"(CASE WHEN {unsafe} THEN '''' ELSE '' END || {value})" if guarded else value
    special = " OR ".join(f"{value} LIKE '%{letter}%'" for letter in ',"\r\n')
    quoted = f"""'"' || replace({safe}, '"', '""') || '"'"""
    usual = ", ".join(f"'{word}'" for word in _USUAL)
    return f"CASE WHEN {value} IN ({usual}) THEN {value} WHEN {special} THEN {quoted} ELSE {safe} END"


def _instant(shift: int, zone: str, *, short: bool, postgresql: bool) -> str:
    second, between = f"as_of_us / 1000000 + {shift:d}", " " if short else "T"
    if postgresql:
        spelt = f"to_char(to_timestamp({second}) AT TIME ZONE 'UTC', 'YYYY-MM-DD\"{between}\"HH24\\:MI\\:SS')"
    else:
        spelt = f"strftime('%Y-%m-%d{between}%H\\:%M\\:%S', {second}, 'unixepoch')"
    millis = "" if short else " || '.' || substr(CAST(1000 + as_of_us / 1000 % 1000 AS TEXT), 2)"
    escaped = zone.replace(":", "\\:")  # a colon before a letter would be a parameter
    return f"{spelt}{millis} || '{escaped}'"


def _offset(seconds: int) -> str:
    sign, minutes = "-" if seconds < 0 else "+", abs(seconds) // 60
    return f"{sign}{minutes // 60:02d}:{minutes % 60:02d}"
