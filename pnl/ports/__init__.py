"""The ports: what the aggregator and the pages ask of sources, of the store and of the live figures."""

from pnl.ports.answers import Cache, History, Ledgers, StatedDay
from pnl.ports.extracts import Extracts, Spelling
from pnl.ports.kept import (
    QUALITY,
    CheckChange,
    Course,
    Gap,
    Page,
    SeenDay,
    Series,
    SeriesRow,
    ShownSnapshot,
    SnapshotRow,
    Sorted,
    SourceChange,
    StoreFacts,
    Thinned,
    Tick,
    Trade,
)
from pnl.ports.live import Claim, Figures, Form, Full, Hub, Seat, Views
from pnl.ports.sources import Finding, Reading, Source, SourceMemory, Traffic
from pnl.ports.store import Store

__all__ = [
    "QUALITY",
    "Cache",
    "CheckChange",
    "Claim",
    "Course",
    "Extracts",
    "Figures",
    "Finding",
    "Form",
    "Full",
    "Gap",
    "History",
    "Hub",
    "Ledgers",
    "Page",
    "Reading",
    "Seat",
    "SeenDay",
    "Series",
    "SeriesRow",
    "ShownSnapshot",
    "SnapshotRow",
    "Sorted",
    "Source",
    "SourceChange",
    "SourceMemory",
    "Spelling",
    "StatedDay",
    "Store",
    "StoreFacts",
    "Thinned",
    "Tick",
    "Trade",
    "Traffic",
    "Views",
]
