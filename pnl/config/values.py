"""What a setting's text may say: each check gives the value, or a ValueError whose text is the cure."""

import re
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator

INTERVALS = (1, 5, 10, 30, 60)
"""The seconds between ticks that may be chosen."""


def whole(low: int, high: int) -> BeforeValidator:
    def check(text: str) -> int:
        if not re.fullmatch(r"\d{1,9}", text, re.ASCII) or not low <= int(text) <= high:
            raise ValueError(f"give a whole number from {low} to {high}")
        return int(text)

    return BeforeValidator(check)


def one_of(*words: str, later: tuple[str, ...] = ()) -> BeforeValidator:
    choice = " or ".join(words)

    def check(text: str) -> str:
        if text in later:
            raise ValueError(f"this version does not have it yet; leave it unset, or give {choice}")
        if text not in words:
            raise ValueError(f"give {choice}")
        return text

    return BeforeValidator(check)


def refuse(_: str) -> None:
    raise ValueError("this version does not have it yet; leave it unset")


def only(default: int) -> BeforeValidator:
    def check(text: str) -> int:
        if text != str(default):
            raise ValueError(f"this version does not have another than {default} yet; leave it unset")
        return default

    return BeforeValidator(check)


def interval(text: str) -> int:
    if text not in map(str, INTERVALS):
        raise ValueError(f"give {', '.join(map(str, INTERVALS[:-1]))} or {INTERVALS[-1]} seconds")
    return int(text)


def seconds(text: str) -> float:
    if not re.fullmatch(r"\d{1,2}(\.\d{1,3})?", text, re.ASCII) or not 0 < float(text) <= 60:
        raise ValueError("give seconds above 0 and up to 60, such as 3 or 2.5")
    return float(text)


def host(text: str) -> str:
    bare = text.removeprefix("[").removesuffix("]")
    if not re.fullmatch(r"[A-Za-z0-9.:-]{1,253}", bare):
        raise ValueError("give a name or an address without a port, such as 127.0.0.1")
    try:
        loopback = ip_address(bare).is_loopback
    except ValueError:
        loopback = bare.lower() == "localhost"
    if not loopback:
        raise ValueError(
            "anybody who reaches that address could read everything, and this version has no sign-in yet; "
            "leave it at 127.0.0.1 and come in through a tunnel (ssh -L 8050:127.0.0.1:8050 this-machine)"
        )
    return bare


def zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (OSError, ValueError, KeyError):
        raise ValueError("give a name from the IANA list, such as America/New_York or UTC") from None
    return text


def web_base(text: str) -> str:
    cure = "give a base address such as https://api.example.com/v1, with no user, query or fragment"
    try:
        parts = urlsplit(text)
        sound = parts.scheme in ("http", "https") and parts.hostname and (parts.port or 443) > 0
    except ValueError:
        raise ValueError(cure) from None
    if not sound or parts.username is not None or "?" in text or "#" in text or not re.fullmatch(r"[!-~]+", text):
        raise ValueError(cure)
    return text.rstrip("/")


def redis(text: str) -> str:
    try:
        parts = urlsplit(text)
        where = parts.path if parts.scheme == "unix" else parts.hostname
        sound = parts.scheme in ("redis", "rediss", "unix") and where and (parts.port or 6379) > 0
    except ValueError:
        sound = False
    if not sound:
        raise ValueError("give redis://host:6379/0, rediss:// for TLS, or unix:///path/to/redis.sock")
    return text


def database(text: str) -> str:
    if text.startswith("postgresql"):
        raise ValueError("this version does not have PostgreSQL yet; leave it unset, or give sqlite:///path/to/pnl.db")
    if not re.fullmatch(r"sqlite:///[^?#]*[^/?#:]", text):
        raise ValueError("give sqlite:///path/to/pnl.db")
    return text


def folder(text: str) -> Path:
    path = _path(text)
    if path.exists() and not path.is_dir():
        raise ValueError("there is a file of that name; give a folder")
    return path


def file(text: str) -> Path:
    path = _path(text)
    if path.is_dir() or not path.parent.is_dir():
        raise ValueError("give the path of a file in a folder that exists")
    return path


def revenue_source(text: str) -> str:
    name = text.removeprefix("revenue.")
    if name not in ("feed", "csv", "stripe", "manual"):
        raise ValueError("give feed, csv, stripe or manual")
    return name if name == "manual" else f"revenue.{name}"


def _path(text: str) -> Path:
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise ValueError("there is no user of that name; give a path from the root") from None
