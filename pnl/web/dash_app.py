"""The Dash app: its shell around the pages, its assets, and the frame of the document."""

import json
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any, Final

import dash
from dash import ClientsideFunction, Dash, Input, dcc, html
from dash.development.base_component import Component
from dash_extensions import WebSocket
from flask import Flask, current_app

from pnl.domain.snapshot import Json
from pnl.ports import Figures

_TOP: Final = Path(__file__).parents[2]

THEME_SCRIPT: Final = (
    '(function(){var w="system";try{w=localStorage.getItem("pnl.theme")||w}catch(e){}'
    "var q=/[?&]theme=(dark|light|system)(&|$)/.exec(location.search);if(q)w=q[1];"
    'if(w!=="dark"&&w!=="light")w="system";var d=document.documentElement;d.dataset.themeWish=w;'
    'd.dataset.theme=w==="system"?(matchMedia("(prefers-color-scheme: dark)").matches?"dark":"light"):w})()'
)
"""Sets the theme before the first paint. Inline, so a Content-Security-Policy has to name its hash."""

LIVE_SOCKET: Final = "live-socket"
"""The component that opens the live feed's socket. It has no url of its own: the page gives it one for each try."""

_TABS: Final = (("/", "Live", "activity"), ("/entries", "Entries", "notebook-pen"))

_DOCUMENT: Final = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
{%metas%}
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
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
) -> Dash:
    """Serve the pages on `server`, which keeps its `Figures` in `extensions["pnl.figures"]`.

    Args:
        demo: Whether the figures are invented; every page then says so.
        time_zone: The company's zone, an IANA name.
        interval_seconds: How often there is a new snapshot; the page looks at its clock as often, at least.
        stale_seconds: By source, the age at which it is called stale; the usual ones where not given.
    """
    app = Dash(
        "pnl",
        server=server,  # type: ignore[arg-type]  # Dash takes a Flask, and annotates only what makes one
        use_pages=True,
        pages_folder=str(_TOP / "pages"),
        assets_folder=str(_TOP / "assets"),
        serve_locally=True,
        enable_mcp=False,
        title="NorthStar P&L",
        update_title=None,  # type: ignore[arg-type]  # Dash documents None, and annotates str
        include_pages_meta=False,
    )
    app.index_string = _document(app, time_zone, interval_seconds, stale_seconds or {})
    app.layout = _shell(demo=demo, interval_seconds=interval_seconds)
    for function, component, value in (("tick", "tick", "n_intervals"), ("moved", "_pages_location", "pathname")):
        app.clientside_callback(  # type: ignore[no-untyped-call]  # Dash leaves it without types
            ClientsideFunction("pnl", function), Input(component, value)
        )
    return app


def newest() -> dict[str, Json] | None:
    """Return the newest snapshot as a page draws it; None before the first tick."""
    found = _figures().current()
    if found is None:
        return None
    snapshot: dict[str, Json] = json.loads(found[1], parse_float=str)
    return snapshot


def titled(name: str) -> str:
    """Return a page's title, which says when its figures are invented."""
    return f"{'DEMO DATA · ' if _figures().demo else ''}{name} · NorthStar P&L"


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


def _shell(*, demo: bool, interval_seconds: int) -> Component:
    """Return what stays while pages come and go."""
    tabs = [
        dcc.Link([_icon(icon), html.Span(name)], href=path, className="page-tab", id=f"tab-{name.lower()}")
        for path, name, icon in _TABS
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
                        ),
                        html.Nav(tabs, className="tabs", **_named(aria_label="Pages")),
                        html.Div(
                            [
                                *([html.Span("DEMO DATA", className="demo", id="demo")] if demo else []),
                                html.Span(id="clock", className="clock"),
                                html.Div(id="connection"),
                                _button("help-button", "help", "Keyboard shortcuts", ["keyboard"]),
                                _button("theme-button", "theme", "Theme", ["monitor", "sun", "moon"]),
                            ],
                            className="topbar-end",
                        ),
                    ],
                    className="topbar-row",
                ),
                className="topbar",
            ),
            html.Main(dash.page_container, id="content", tabIndex="-1"),
            html.Div(id="overlays"),
            html.Div(id="announcements", className="hidden-text", role="status", **_named(aria_live="polite")),
            WebSocket(id=LIVE_SOCKET),
            dcc.Interval(id="tick", interval=interval_seconds * 1000),
        ]
    )


def _icon(name: str) -> Component:
    return html.Span(className=f"icon icon-{name}", **_named(aria_hidden="true"))


def _button(name: str, action: str, label: str, icons: list[str]) -> Component:
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
