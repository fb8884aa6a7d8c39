"""The Dash app: its shell around the pages, its assets, and the frame of the document."""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from html import escape
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import dash
from dash import ClientsideFunction, Dash, Input, dcc, html
from dash._pages import _path_to_page
from dash.development.base_component import Component
from dash_extensions import WebSocket
from flask import Flask, Response, after_this_request, current_app, request

from pnl.clock import Clock, SystemClock
from pnl.domain.snapshot import Json, instant
from pnl.ports import Figures
from pnl.web.access import caller
from pnl.web.bundle import SCRIPTS, STYLES, Bundles
from pnl.web.first_paint import entry_point
from pnl.web.kept import KEPT, keep_pages, without_figures
from pnl.web.theme import THEME_SCRIPT
from pnl.web.unchecked import hosts, note, warning

_TOP: Final = Path(__file__).parents[2]

_APART: Final = ("embed", "worker")
"""The folders of what belongs to the pages of panels, which have no Dash, and to the service worker."""

_NOWHERE: Final = ".not_found_404"
"""The page of an address that has none, by the end of the name that Dash knows it by."""

LIVE_SOCKET: Final = "live-socket"
"""The component that opens the live feed's socket. It has no url of its own: the page gives it one for each try."""

_TABS: Final = {
    "/": "activity",
    "/history": "history",
    "/reconcile": "scale",
    "/sources": "plug",
    "/entries": "notebook-pen",
    "/alerts": "bell",
    "/status": "gauge",
}
"""The pages that have a tab, and its icon; what it is called and where it stands, the page says itself."""

_METAS: Final = [
    {"charset": "utf-8"},
    {"name": "viewport", "content": "width=device-width, initial-scale=1, viewport-fit=cover"},
]
"""What Dash would write otherwise where it is not told, beside what the document says."""

_DOCUMENT: Final = """<!DOCTYPE html>
<html lang="en">
<head>
{%metas%}
<meta name="pnl:zone" content="__ZONE__">
<meta name="pnl:interval" content="__INTERVAL__">
<meta name="pnl:stale" content="__STALE__">
<meta name="pnl:root" content="__ROOT__">
<meta name="robots" content="noindex">
<script>__THEME__</script>
<title>{%title%}</title>
<link rel="icon" href="__ASSETS__star.svg" type="image/svg+xml">
<link rel="preload" href="__ASSETS__fonts/inter-latin-wght-normal.woff2" as="font" type="font/woff2" crossorigin>
{%css%}
</head>
<body>
{%app_entry%}
<footer>
{%config%}
{%scripts%}
{%renderer%}
</footer>
</body>
</html>"""


def mount(
    server: Flask,
    *,
    demo: bool,
    time_zone: str,
    interval_seconds: int,
    stale_seconds: Mapping[str, int] | None = None,
    clock: Clock | None = None,
    unchecked: Iterable[str] = (),
) -> Dash:
    """Serve the pages on `server`, which keeps its `Figures` in `extensions["pnl.figures"]`.

    Args:
        demo: Whether the figures are invented; every page then says so.
        time_zone: The company's zone, an IANA name.
        interval_seconds: How often there is a new snapshot; the page looks at its clock as often, at least.
        stale_seconds: By source, the age at which it is called stale; the usual ones where not given.
        clock: The time; the system's where not given.
        unchecked: Hosts of sources whose certificates are not checked; every page then says so.
    """
    note(server, unchecked)
    app = _Pages(
        "pnl",
        server=server,  # type: ignore[arg-type]  # Dash takes a Flask, and annotates only what makes one
        use_pages=True,
        pages_folder=str(_TOP / "pages"),
        assets_folder=str(_TOP / "assets"),
        assets_path_ignore=[*_APART],
        serve_locally=True,
        enable_mcp=False,
        title="NorthStar P&L",
        update_title=None,  # type: ignore[arg-type]  # Dash documents None, and annotates str
        include_pages_meta=False,
        meta_tags=_METAS,
        # Else every document would carry, to check callbacks against, all pages with the figures of the first request.
        suppress_callback_exceptions=True,
    )
    root = f"{app.config.requests_pathname_prefix}assets/"
    app.bundles = Bundles(server, _TOP / "assets", root, apart=_APART)
    server.extensions["pnl.clock"] = clock or SystemClock()
    app.index_string = _document(app, time_zone, interval_seconds, stale_seconds or {})
    app.layout = app.first = lambda *page: _shell(*page, demo=demo, interval_seconds=interval_seconds)
    for function, component, value in (("tick", "tick", "n_intervals"), ("moved", "_pages_location", "pathname")):
        app.clientside_callback(  # type: ignore[no-untyped-call]  # Dash leaves it without types
            ClientsideFunction("pnl", function), Input(component, value)
        )
    keep_pages(app, server, _TOP / "assets")
    return app


class _Pages(Dash):
    """The app, whose document carries the page that was asked for, with the figures of now, until the app is there."""

    first: Callable[[Component], Component]
    bundles: Bundles

    def interpolate_index(self, *, app_entry: str, **parts: str) -> str:  # type: ignore[override]  # it is called by name
        parts["scripts"] = self.bundles.one(SCRIPTS, parts["scripts"])
        parts["css"] = self.bundles.one(STYLES, parts["css"])
        if without_figures():
            parts["metas"] += KEPT
            app_entry = entry_point(self.first(html.Div()), "")
        else:
            parts["metas"] += _now()
            app_entry = self._first_paint(parts) or app_entry
        document: str = super().interpolate_index(app_entry=app_entry, **parts)  # type: ignore[no-untyped-call]  # Dash leaves it without types
        return document

    def _first_paint(self, parts: dict[str, str]) -> str | None:
        """Return the page that was asked for, and put its title into the parts of the document."""
        path = self.strip_relative_path(request.path) or ""
        page, path_parts = _path_to_page(path)  # type: ignore[no-untyped-call]  # Dash leaves it without types
        nowhere = next((one for name, one in dash.page_registry.items() if name.endswith(_NOWHERE)), None)
        if page == nowhere or not page or not _is_day((path_parts or {}).get("day")):
            after_this_request(_not_found)
        page = page or nowhere
        if not page:
            return None
        named, title = path_parts or {}, page["title"]
        layout = page["layout"](**{**request.args.to_dict(), **named})
        # What the address says must not be taken for a place of the document.
        parts["title"] = escape(title(**named) if callable(title) else title).replace("{%", "{&#37;")
        after_this_request(_not_kept)
        return entry_point(self.first(layout), request.path)


def _now() -> str:
    """Return what tells the browser of what time its page is: its own clock may be wrong. One that is kept has none."""
    return f'\n<meta name="pnl:now" content="{instant(company_clock()[0])}">'


def _is_day(day: str | None) -> bool:
    """Tell whether the day of an address, where it names one, is one of the calendar."""
    try:
        return day is None or date.fromisoformat(day).isoformat() == day
    except ValueError:
        return False


def _not_found(response: Response) -> Response:
    """See that programs, too, are told that the address has no page."""
    response.status_code = 404
    return response


def _not_kept(response: Response) -> Response:
    """See that no browser shows figures again to whoever comes next."""
    response.headers["Cache-Control"] = "no-store"
    return response


def newest() -> dict[str, Json] | None:
    """Return the newest snapshot as a page draws it; None before the first tick, and for a page that is kept."""
    found = None if without_figures() else _figures().current()
    if found is None:
        return None
    snapshot: dict[str, Json] = json.loads(found[1], parse_float=str)
    return snapshot


def titled(name: str) -> str:
    """Return a page's title, which says when its figures are invented."""
    return f"{'DEMO DATA · ' if _figures().demo else ''}{name} · NorthStar P&L"


def company_clock() -> tuple[datetime, ZoneInfo]:
    """Return what time it is, and the company's zone."""
    clock: Clock = current_app.extensions["pnl.clock"]
    return clock.now(), ZoneInfo(_figures().time_zone)


def _figures() -> Figures:
    figures: Figures = current_app.extensions["pnl.figures"]
    return figures


def _document(app: Dash, time_zone: str, interval_seconds: int, stale_seconds: Mapping[str, int]) -> str:
    root: Any = app.config.requests_pathname_prefix
    values = {
        "__ZONE__": escape(time_zone),
        "__INTERVAL__": str(interval_seconds),
        "__STALE__": escape(" ".join(f"{name}={seconds}" for name, seconds in stale_seconds.items())),
        "__ROOT__": escape(str(root)),
        "__ASSETS__": escape(f"{root}{app.config.assets_url_path.strip('/')}/"),
        "__THEME__": THEME_SCRIPT,
    }
    text = _DOCUMENT
    for name, value in values.items():
        text = text.replace(name, value)
    return text


def _shell(page: Component | None = None, *, demo: bool, interval_seconds: int) -> Component:
    """Return what stays while pages come and go; with a page, that page in it, for the first paint."""
    pages = [page for page in dash.page_registry.values() if page["path"] in _TABS]
    tabs = [
        dcc.Link(
            [_icon(_TABS[page["path"]]), html.Span(page["name"])],
            href=page["path"],
            className="page-tab",
            id=f"tab-{page['name'].lower()}",
        )
        for page in sorted(pages, key=lambda page: page["order"])
    ]
    return html.Div(
        [
            html.A("Skip to the figures", href="#content", className="skip"),
            html.Header(
                html.Div(
                    [
                        html.A(
                            [html.Span(className="star"), html.Span(["NorthStar ", html.Small("P&L")])],
                            href="/",
                            className="brand",
                            **_named(aria_label="NorthStar P&L"),
                        ),
                        html.Nav(tabs, className="tabs", **_named(aria_label="Pages")),
                        html.Div(
                            [
                                *([html.Span("DEMO DATA", className="demo", id="demo")] if demo else []),
                                html.Span(id="clock", className="clock"),
                                html.Div(id="alert-count"),
                                html.Div(_connecting(), id="connection"),
                                *_who(),
                                *_share(),
                                button("help-button", "help", "Keyboard shortcuts", ["keyboard"]),
                                button("theme-button", "appearance", "Appearance", ["monitor", "sun", "moon"]),
                                button("kiosk-leave", "kiosk", "Leave the wall screen (f)", ["x"]),
                            ],
                            className="topbar-end",
                        ),
                    ],
                    className="topbar-row",
                ),
                className="topbar",
            ),
            html.Main(
                [*_unchecked(), html.Div(id="alert-line"), page or dash.page_container], id="content", tabIndex="-1"
            ),
            html.Div(id="overlays"),
            html.Div(id="announcements", className="hidden-text", role="status", **_named(aria_live="polite")),
            WebSocket(id=LIVE_SOCKET),
            dcc.Interval(id="tick", interval=interval_seconds * 1000),
        ],
        className="shell",
        **_named(data_role=_role()),
    )


def _unchecked() -> list[Component]:
    """Return the banner that stands on every page while the certificates of some sources are not checked."""
    if not hosts():
        return []
    strong, text = warning()
    said = html.P([html.Strong(f"{strong} "), text])
    return [html.Div([_icon("triangle-alert"), said], className="banner banner-loud", id="unchecked", role="alert")]


def _connecting() -> Component:
    """Return the badge of the connection before there is one; the browser draws what comes of it."""
    return html.Span(
        [
            html.Span(className="badge-dot", **_named(aria_hidden="true")),
            html.Span("Connecting", className="badge-word"),
        ],
        className="badge badge-quiet",
    )


def _role() -> str:
    """Return what the reader may do: a viewer's pages do not offer what an editor's do."""
    found = caller()
    return "editor" if found is None else found.role or "viewer"


def _share() -> list[Component]:
    """Return what opens the dialog that lets other sites in; an editor's alone."""
    return [button("share-button", "share", "Share a panel", ["share"])] if _role() == "editor" else []


def _who() -> list[Component]:
    """Return who is signed in, and the way out."""
    found = caller()
    if found is None or found.way not in ("session", "proxy"):
        return []
    name = html.Span(found.name, className="who-name", title=f"{found.name}, {found.role}")
    if found.way == "proxy":
        return [html.Span(name, className="who")]
    out = html.Button(
        _icon("log-out"), type="submit", className="icon-button", title="Sign out", **_named(aria_label="Sign out")
    )
    return [html.Form([name, out], action="/signout", method="post", className="who", id="sign-out")]


def _icon(name: str) -> Component:
    return html.Span(className=f"icon icon-{name}", **_named(aria_hidden="true"))


def button(name: str, action: str, label: str, icons: list[str]) -> Component:
    """Return a button of icons; `action` names what `northstar.actions` does when it is pressed."""
    return html.Button(
        [_icon(icon) for icon in icons],
        id=name,
        type="button",
        className="icon-button",
        title=label,
        **_named(aria_label=label, data_action=action),
    )


def _named(**values: str) -> dict[str, Any]:
    """Return attributes whose names have a dash; `Any`, for a spread dictionary could fill any parameter."""
    return {name.replace("_", "-"): value for name, value in values.items()}
