"""The identity bar: net = revenue + realised + unrealised − fees − API cost, and what else there is."""

from dash import html
from dash.development.base_component import Component

from pnl.domain.snapshot import Json
from pnl.panels.amounts import UNKNOWN, Part, dollars, read
from pnl.panels.attributes import named

ID = "kpis"


def layout(snapshot: dict[str, Json] | None, as_of: str = "") -> Component:
    """Return the bar with the figures that are known now, and `as_of`, when that is, in words."""
    net, parts = read(snapshot) if snapshot else (None, [])
    text = UNKNOWN if net is None else dollars(net, plus=True)
    hue = "hue-loss" if net is not None and net < 0 else "hue-gain"
    hero = html.Div(
        [
            html.Div([html.Span("Net P&L today"), *_meta(snapshot, as_of)], className="kpi-label"),
            _figure(text),
            html.Div(className="kpi-delta"),
            html.Div(className="spark"),
        ],
        className=f"kpi kpi-hero {hue}",
    )
    cells = [_cell(part, "=" if place == 0 else "−" if part.group.cost else "+") for place, part in enumerate(parts)]
    return html.Section(
        [hero, *cells],
        id=ID,
        className="card kpis",
        style={"--cells": max(1, len(cells))},
        **named(aria_label="Net P&L and its parts"),
    )


def _meta(snapshot: dict[str, Json] | None, as_of: str) -> list[Component]:
    if not snapshot:
        return []
    if snapshot["complete"]:
        return [html.Span(as_of, className="kpi-meta")]
    return [html.Span("incomplete", className="pill pill-warn", title=as_of)]


def _cell(part: Part, operator: str) -> Component:
    return html.Div(
        [
            html.Span(operator, className="operator"),
            html.Div([html.Span(className="square"), html.Span(part.group.name)], className="kpi-label"),
            _figure(part.text),
            html.Div(className="kpi-delta"),
            html.Div(className="spark"),
        ],
        className=f"kpi hue-{part.group.hue}",
    )


def _figure(text: str) -> Component:
    whole, dot, cents = text.partition(".")
    return html.Button([whole, html.Span(dot + cents, className="cents")], type="button", className="figure")
