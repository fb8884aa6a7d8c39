"""The last line: whether it ties out, which snapshot it is, and how positions are marked."""

from dash import html
from dash.development.base_component import Component

from pnl.domain.snapshot import Json

ID = "footer"


def layout(snapshot: dict[str, Json] | None) -> Component:
    """Return the line; the browser checks the sum on every snapshot."""
    return html.Div(f"Snapshot {snapshot['seq']:,}" if snapshot else "", id=ID, className="footer")
