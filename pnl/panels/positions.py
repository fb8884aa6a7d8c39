"""The open positions: a table that can be sorted, with its totals."""

from dash import html
from dash.development.base_component import Component

from pnl.domain.snapshot import Json
from pnl.panels.amounts import shown
from pnl.panels.attributes import named

ID = "positions"


def layout(snapshot: dict[str, Json] | None) -> Component:
    """Return the positions that are known now, as a plain table."""
    rows = snapshot["positions"] if snapshot else []
    positions = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return html.Section(
        [
            html.Div([html.H2("Open positions"), html.Span(className="panel-note")], className="panel-head"),
            html.Div(_table(positions) if positions else _empty(snapshot), className="positions-body"),
        ],
        id=ID,
        className="card positions-panel",
        **named(aria_label="Open positions"),
    )


def _empty(snapshot: dict[str, Json] | None) -> Component:
    return html.P(_nothing(snapshot) if snapshot else "Waiting for the first figures.", className="empty")


def _nothing(snapshot: dict[str, Json]) -> str:
    """Return why there is no row, in the words of the browser's table."""
    missing, sources = snapshot["missing"], snapshot["sources"]
    if not isinstance(missing, list) or "trading_realised" not in missing:
        return "No open positions."
    kalshi = sources.get("kalshi") if isinstance(sources, dict) else None
    off = isinstance(kalshi, dict) and kalshi["status"] == "off"
    return "No trading account is connected." if off else "Not known yet: the trading history has not been read."


def _table(rows: list[dict[str, Json]]) -> Component:
    head = html.Tr(
        [
            html.Th("Market", scope="col"),
            html.Th("Value", scope="col", className="num"),
            html.Th("Unrealised", scope="col", className="num"),
        ]
    )
    body = [
        html.Tr(
            [
                html.Th(str(row["title"] or row["ticker"]), scope="row"),
                html.Td(shown(row["value"]), className="num"),
                html.Td(shown(row["unrealised"], plus=True), className="num"),
            ]
        )
        for row in rows
    ]
    return html.Div(html.Table([html.Thead(head), html.Tbody(body)], className="table"), className="scroll")
