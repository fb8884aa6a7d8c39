"""The page of a panel in a frame, the calm one that says why there is none, and the headers of both."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from html import escape
from typing import Final

from flask import Response

from pnl.access.grants import OWN
from pnl.web.embed.bundle import ASSETS, Bundle
from pnl.web.embed.look import Look
from pnl.web.embed.panels import KNOWN
from pnl.web.unchecked import hosts

_SCHEMES: Final = {"auto": "dark light", "light": "light", "dark": "dark"}
_STYLES: Final = ("fonts", "tokens", "base")
_LIVE: Final = (
    *(f"live/{name}" for name in ("course", "element", "frame", "minutes", "money", "past")),
    *(f"live/{name}" for name in ("statement", "store", "zone")),
    *(f"live/transport/{name}" for name in ("deadlines", "events", "gaps", "journal", "measure", "timing", "pace")),
    *(f"live/transport/{name}" for name in ("polling", "socket", "trouble", "vigil", "way", "live")),
)
_FRAME: Final = tuple(
    f"embed/{name}" for name in ("plain", "door", "parent", "asked", "ranges", "still", "head", "ended")
)
_PLOTLY: Final = "00-plotly-finance.min"
_DAY: Final = ("live/draw/axis", "live/draw/line", "live/draw/curve_look", "live/draw/curve", "embed/curve_day")
_DAYS: Final = ("history/range", "history/series", "history/known", "history/chart", "embed/curve_days")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a panel is drawn with, beside what every panel is drawn with.

    Attributes:
        styles: Its sheets.
        scripts: Its scripts.
        body: Where it is drawn.
        day: Scripts that only ranges within a day need.
        days: Scripts that only ranges of several days need.
    """

    styles: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()
    body: str = ""
    day: tuple[str, ...] = ()
    days: tuple[str, ...] = ("history/range",)


_CURVE: Final = Parts(
    styles=("curve",),
    scripts=("embed/pane",),
    day=_DAY,
    days=_DAYS,
    body=(
        '<section id="curve" class="curve" aria-label="Chart"><div class="curve-legend" hidden></div>'
        '<div class="curve-chart"></div><p class="curve-caption" hidden></p></section>'
    ),
)
_ROWS: Final = Parts(styles=("kpis",), scripts=("live/draw/spark", "embed/parts"), body='<div id="embed-parts"></div>')

PARTS: Final[Mapping[str, Parts]] = {
    "net": Parts(
        styles=("kpis",),
        scripts=("live/draw/spark", "embed/parts"),
        body='<div id="embed-net"></div>',
    ),
    "equity": _CURVE,
    "drawdown": _CURVE,
    "waterfall": Parts(
        styles=("waterfall",),
        scripts=("live/draw/waterfall",),
        body='<section id="waterfall" class="waterfall" aria-label="How it adds up">'
        '<div class="waterfall-body"></div></section>',
    ),
    "positions": Parts(
        styles=("positions", "ties", "icons"),
        scripts=("live/ties", "live/draw/positions"),
        body='<section id="positions" class="positions-panel" aria-label="Positions"><p class="panel-note"></p>'
        '<div class="positions-body"></div></section>',
    ),
    "activity": Parts(
        styles=("activity", "icons"),
        scripts=("live/draw/chips", "live/asking", "live/isolated", "live/draw/activity", "embed/events"),
        body='<section id="embed-events" class="activity" aria-label="Activity"></section>',
    ),
    "costs": _ROWS,
    "revenue": _ROWS,
    "calendar": Parts(
        styles=("history",),
        scripts=("history/range", "history/heat", "embed/calendar"),
        days=(),
        body='<div id="embed-calendar" class="history-heat" tabindex="0" role="region" aria-label="Days"></div>',
    ),
    "kpis": Parts(
        styles=("kpis",),
        scripts=("live/draw/spark", "live/draw/chips", "live/draw/kpis"),
        body='<section id="kpis" class="kpis" aria-label="Net P&amp;L and its parts"></section>',
    ),
}


def _scripts(panel: str, kind: str, scripts: Iterable[str]) -> Bundle:
    return Bundle(f"{panel}.{kind}", (f"{path}.js" for path in scripts))


def _bundles() -> Iterator[Bundle]:
    for panel, parts in PARTS.items():
        yield Bundle(panel, (*(f"css/{name}.css" for name in (*_STYLES, *parts.styles)), "embed/embed.css"))
        every = (*_LIVE, *_FRAME, *parts.scripts)
        yield _scripts(panel, "day", (*every, *parts.day, "embed/start"))
        yield _scripts(panel, "days", (*every, *parts.days, "embed/start"))
        for kind, more in (("day", parts.day), ("days", parts.days)):
            if more:
                yield _scripts(panel, f"more-{kind}", more)
    yield Bundle("first", ("embed/first.js",))
    yield Bundle("refused", ("embed/parent.js", "embed/refused.js"))
    yield Bundle("check", ("embed/parent.js", "embed/check.js"))
    yield Bundle("plain", (*(f"css/{name}.css" for name in _STYLES), "embed/embed.css"))


BUNDLES: Final[Mapping[str, Bundle]] = {one.name: one for one in _bundles()}
"""All that the pages of panels load, by name."""


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
        "from": shown.span[0] if shown.span else "",
        "to": shown.span[1] if shown.span else "",
        "g": chosen["g"],
        "compare": chosen["compare"],
        "refresh": "" if shown.refresh is None else str(shown.refresh),
        "tz": shown.zone or "",
        "over": "1" if shown.over else "0",
        "locked": " ".join(locked),
        "parents": " ".join(parents),
    }
    flags = ["embed", f"embed-{chosen['h']}"]
    if chosen["title"] == "0":
        flags.append("embed-untitled")
    if chosen["bg"] == "transparent":
        flags.append("embed-clear")
    unchecked = '<span class="pill pill-loss embed-demo">TLS not checked</span>' if hosts() else ""
    demo = '<span class="pill pill-warn embed-demo">Demo data</span>' if company.demo else ""
    notes = f' title="{escape(" ".join(shown.notes))}"' if shown.notes else ""
    body = f"""<main class="embed-panel" id="embed" data-panel="{name}">
<header class="embed-head"><h1 id="embed-title">{escape(panel.title)}</h1>
<strong id="embed-figure" class="embed-figure"></strong><span id="embed-delta" class="embed-delta"></span></header>
<div class="embed-body">{parts.body}</div>
<footer class="embed-foot"{notes}><span class="embed-dot" id="embed-dot" aria-hidden="true"></span>\
<span id="embed-state">Connecting…</span><span class="embed-note" id="embed-note">{"*" if shown.notes else ""}</span>\
{unchecked}{demo}<a href="/" target="_blank" rel="noopener">NorthStar P&amp;L</a></footer>
</main>"""
    lasting = chosen["range"] not in ("1h", "6h", "1d")
    now, later = ("days", "day") if lasting else ("day", "days")
    other = BUNDLES.get(f"{name}.more-{later}.js")
    metas["more"] = other.address if other else ""
    plotly = [address(f"{_PLOTLY}.js")] if panel.charts else []
    made = _document(
        title=f"DEMO DATA · {panel.title}" if company.demo else panel.title,
        theme=chosen["theme"],
        flags=" ".join(flags),
        metas=metas,
        style=BUNDLES[f"{name}.css"],
        scripts=(*plotly, BUNDLES[f"{name}.{now}.js"].address),
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
        style=BUNDLES["plain.css"],
        scripts=(BUNDLES["refused.js"].address,),
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
    style: Bundle,
    scripts: Iterable[str],
    body: str,
) -> str:
    wish = "system" if theme == "auto" else theme
    told = "\n".join(f'<meta name="pnl:{name}" content="{escape(value)}">' for name, value in metas.items())
    loaded = "\n".join(f'<script src="{src}" defer></script>' for src in scripts)
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
<script src="{BUNDLES["first.js"].address}"></script>
<link rel="stylesheet" href="{style.address}">
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
