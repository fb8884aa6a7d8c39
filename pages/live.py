"""The live page: the whole statement of the company day, as it is now."""

from collections.abc import Mapping
from typing import Any

import dash
from dash import html
from dash.development.base_component import Component

from pnl.domain.snapshot import Json
from pnl.panels import activity, chips, curve, economics, first_run, footer, kpis, outcome, positions, waterfall
from pnl.panels.ages import as_of as said_as_of
from pnl.panels.ages import day_name
from pnl.panels.attributes import named
from pnl.web.dash_app import button, company_clock, newest, titled

dash.register_page(  # type: ignore[no-untyped-call]  # Dash leaves it without types
    __name__, path="/", name="Live", order=0, title=lambda: titled("Live P&L")
)


def layout(as_of: str | None = None, **_query: str) -> Component:
    """Return the page with what is known now; messages keep it fresh. A screen of the past is drawn by the browser."""
    snapshot = None if as_of else newest()
    return html.Div(
        [
            html.Div(
                [
                    html.H1("Live P&L"),
                    html.Span(
                        day_name(str(snapshot["day"])) if snapshot else None, id="live-day", className="titlebar-day"
                    ),
                    button("as-of-button", "as-of", "Show an earlier time", ["history"]),
                    *([] if as_of else [button("pause-button", "pause", "Pause live", ["pause", "play"])]),
                    chips.layout(snapshot),
                    html.Div(**named(data_export_menu="", data_table="snapshots", data_range="today")),
                ],
                className="titlebar live-title",
            ),
            html.Div(id="banner"),
            first_run.layout(snapshot),
            html.Div(id="since"),
            kpis.layout(snapshot, said_as_of(snapshot, *company_clock()) if snapshot else ""),
            html.Div(
                [panel.layout(snapshot) for panel in (curve, waterfall, positions, activity, outcome, economics)],
                className="live-grid",
            ),
            footer.layout(snapshot),
        ],
        **_drawn(snapshot),
    )


def _drawn(snapshot: Mapping[str, Json] | None) -> dict[str, Any]:
    """Return what tells the browser of when the figures are that this page holds: it may have older ones."""
    if not snapshot:
        return {}
    seq, at, day = (str(snapshot[name]) for name in ("seq", "as_of", "day"))
    return named(data_drawn_seq=seq, data_drawn_at=at, data_drawn_day=day)
