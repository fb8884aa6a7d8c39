"""Explanations: the sum behind a figure, opened node by node down to the records that make it."""

from pnl.domain.explain.checks import covering
from pnl.domain.explain.figures import DAILY, FIELDS, NAMES, RANGED, SUMS, TEXTS, TOTALS, Figure, figure
from pnl.domain.explain.holdings import Holding, Valuation, holding
from pnl.domain.explain.instant import of_instant
from pnl.domain.explain.nodes import Leaf, Node, Quote, find, listed, made, part
from pnl.domain.explain.portion import DIMENSIONS, Dimension, Share, nothing, portion
from pnl.domain.explain.statement import Day, by_day, growth, of_day, over_days

__all__ = [
    "DAILY",
    "DIMENSIONS",
    "FIELDS",
    "NAMES",
    "RANGED",
    "SUMS",
    "TEXTS",
    "TOTALS",
    "Day",
    "Dimension",
    "Figure",
    "Holding",
    "Leaf",
    "Node",
    "Quote",
    "Share",
    "Valuation",
    "by_day",
    "covering",
    "figure",
    "find",
    "growth",
    "holding",
    "listed",
    "made",
    "nothing",
    "of_day",
    "of_instant",
    "over_days",
    "part",
    "portion",
]
