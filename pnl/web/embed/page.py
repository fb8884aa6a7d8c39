"""The page of a panel in a frame, the calm one that says why there is none, and the headers of both."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from html import escape
from pathlib import Path
from typing import Final

from flask import Response

from pnl.access.grants import OWN
from pnl.web.embed.look import Look
from pnl.web.embed.panels import KNOWN

ASSETS: Final = Path(__file__).parents[3] / "assets"
_SCHEMES: Final = {"auto": "dark light", "light": "light", "dark": "dark"}
_STYLES: Final = ("fonts", "tokens", "base", "icons")
_LIVE: Final = (
    *(f"live/{name}" for name in ("course", "element", "frame", "minutes", "money", "past")),
    *(f"live/{name}" for name in ("statement", "store", "zone", "draw/badge")),
    *(f"live/transport/{name}" for name in ("deadlines", "events", "gaps", "journal", "measure", "timing", "pace")),
    *(f"live/transport/{name}" for name in ("polling", "socket", "vigil", "way", "live")),
)
_FRAME: Final = ("history/range", "embed/plain", "embed/door", "embed/parent", "embed/ranges", "embed/head")
_CHART: Final = (
    "00-plotly-finance.min",
    "history/series",
    "history/known",
    "history/chart",
    "live/draw/axis",
    "live/draw/line",
    "live/draw/curve_look",
    "live/draw/curve",
    "embed/curve",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a panel is drawn with: its styles and scripts beside those of every panel, and its body."""

    styles: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()
    body: str = ""


_CURVE: Final = Parts(
    styles=("curve",),
    scripts=_CHART,
    body=(
        '<section id="curve" class="curve" aria-label="Chart"><div class="curve-legend" hidden></div>'
        '<div class="curve-chart"></div><p class="curve-caption" hidden></p></section>'
    ),
)
_ROWS: Final = Parts(styles=("kpis",), scripts=("live/draw/spark", "embed/parts"), body='<div id="embed-parts"></div>')

PARTS: Final[Mapping[str, Parts]] = {
    "net": Parts(styles=("kpis",), scripts=("live/draw/spark", "embed/parts"), body='<div id="embed-net"></div>'),
    "equity": _CURVE,
    "drawdown": _CURVE,
    "waterfall": Parts(
        styles=("waterfall",),
        scripts=("live/draw/waterfall",),
        body='<section id="waterfall" class="waterfall" aria-label="How it adds up">'
        '<div class="waterfall-body"></div></section>',
    ),
    "positions": Parts(
        styles=("positions",),
        scripts=("live/draw/positions",),
        body='<section id="positions" class="positions-panel" aria-label="Positions"><p class="panel-note"></p>'
        '<div class="positions-body"></div></section>',
    ),
    "activity": Parts(
        styles=("activity",),
        scripts=("live/draw/chips", "live/draw/activity", "embed/events"),
        body='<section id="embed-events" class="activity" aria-label="Activity"></section>',
    ),
    "costs": _ROWS,
    "revenue": _ROWS,
    "calendar": Parts(
        styles=("history",),
        scripts=("history/heat", "embed/calendar"),
        body='<div id="embed-calendar" class="history-heat" tabindex="0" role="region" aria-label="Days"></div>',
    ),
    "kpis": Parts(
        styles=("kpis",),
        scripts=("live/draw/spark", "live/draw/kpis"),
        body='<section id="kpis" class="kpis" aria-label="Net P&amp;L and its parts"></section>',
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """What every panel's page knows of the company, and where the server is found."""

    demo: bool
    time_zone: str
    interval_seconds: int


def page(name: str, shown: Look, company: Company, *, locked: Iterable[str], parents: Iterable[str]) -> Response:
    """Return the page of a panel.

    Args:
        name: The panel's, as the address has it.
        shown: How it is to look.
        company: Whose figures they are.
        locked: What the page around it cannot change.
        parents: The sites that may frame it.
    """
    parents = tuple(parents)
    panel, parts = KNOWN[name], PARTS[name]
    chosen = shown.chosen
    metas = {
        "zone": company.time_zone,
        "interval": str(company.interval_seconds),
        "panel": name,
        "reads": " ".join(panel.reads),
        "figures": ",".join(panel.figures),
        "lines": " ".join(panel.lines),
        "ranges": " ".join(panel.ranges),
        "range": chosen["range"],
        "locked": " ".join(locked),
        "parents": " ".join(parents),
    }
    flags = ["embed", f"embed-{chosen['h']}"]
    if chosen["title"] == "0":
        flags.append("embed-untitled")
    if chosen["bg"] == "transparent":
        flags.append("embed-clear")
    demo = '<span class="pill pill-warn embed-demo">Demo data</span>' if company.demo else ""
    notes = f' title="{escape(" ".join(shown.notes))}"' if shown.notes else ""
    body = f"""<main class="embed-panel" id="embed" data-panel="{name}">
<header class="embed-head"><h1 id="embed-title">{escape(panel.title)}</h1>
<strong id="embed-figure" class="embed-figure"></strong><span id="embed-delta" class="embed-delta"></span></header>
<div class="embed-body">{parts.body}</div>
<footer class="embed-foot"{notes}><span class="embed-dot" id="embed-dot" aria-hidden="true"></span>\
<span id="embed-state">Connecting…</span><span class="embed-note" id="embed-note">{"*" if shown.notes else ""}</span>\
{demo}<a href="/" target="_blank" rel="noopener">NorthStar P&amp;L</a></footer>
</main>"""
    made = _document(
        title=f"DEMO DATA · {panel.title}" if company.demo else panel.title,
        theme=chosen["theme"],
        flags=" ".join(flags),
        metas=metas,
        styles=(*_STYLES, *parts.styles),
        scripts=(*_LIVE, *_FRAME, *parts.scripts, "embed/start"),
        body=body,
    )
    return _dressed(made, 200, parents)


def refusal(status: int, reason: str, parents: Iterable[str], *, expired: bool = False) -> Response:
    """Return the small page that says why there is no panel; never one to sign in at."""
    parents = tuple(parents)
    body = f"""<main class="embed-panel embed-refused" id="embed" data-expired="{"1" if expired else "0"}">
<h1 id="embed-title">{"This panel has expired" if expired else "This panel cannot be shown"}</h1>
<p id="embed-reason">{escape(reason)}</p>
</main>"""
    made = _document(
        title="Panel",
        theme="auto",
        flags="embed embed-auto",
        metas={"parents": " ".join(parents)},
        styles=_STYLES,
        scripts=("embed/parent", "embed/refused"),
        body=body,
    )
    return _dressed(made, status, parents)


def policy(parents: Iterable[str]) -> str:
    """Return the Content-Security-Policy of a page that these sites may frame."""
    framing = " ".join("'self'" if one == OWN else one for one in parents) or "'none'"
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data:",
            "font-src 'self'",
            "connect-src 'self'",
            f"frame-ancestors {framing}",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def address(path: str) -> str:
    """Return where an asset is found, by an address that changes with its content."""
    return f"/assets/{path}?m={_fingerprint(path, (ASSETS / path).stat().st_mtime_ns)}"


@cache
def _fingerprint(path: str, _changed: int) -> str:
    return blake2b((ASSETS / path).read_bytes(), digest_size=6).hexdigest()


def _document(
    *,
    title: str,
    theme: str,
    flags: str,
    metas: Mapping[str, str],
    styles: Iterable[str],
    scripts: Iterable[str],
    body: str,
) -> str:
    wish = "system" if theme == "auto" else theme
    told = "\n".join(f'<meta name="pnl:{name}" content="{escape(value)}">' for name, value in metas.items())
    sheets = "\n".join(
        f'<link rel="stylesheet" href="{address(path)}">'
        for path in (*(f"css/{name}.css" for name in styles), "embed/embed.css")
    )
    loaded = "\n".join(f'<script src="{address(f"{name}.js")}" defer></script>' for name in scripts)
    return f"""<!DOCTYPE html>
<html lang="en" class="{flags}" data-theme="{"light" if theme == "light" else "dark"}" data-theme-wish="{wish}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="{_SCHEMES[theme]}">
<meta name="robots" content="noindex">
<title>{escape(title)} · NorthStar P&amp;L</title>
<link rel="icon" href="data:,">
{told}
<script src="{address("embed/first.js")}"></script>
{sheets}
</head>
<body>
{body}
{loaded}
</body>
</html>
"""


def _dressed(body: str, status: int, parents: Iterable[str]) -> Response:
    made = Response(body, status, content_type="text/html; charset=utf-8")
    made.headers["Content-Security-Policy"] = policy(parents)
    made.headers["Referrer-Policy"] = "no-referrer"
    made.headers["Cache-Control"] = "no-store"
    made.headers["X-Robots-Tag"] = "noindex"
    return made
