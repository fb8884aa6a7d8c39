"""Kalshi's Trade API v2: fills, settlements, transfers, positions, cash and quotes, read only."""

from pnl.sources.kalshi.explain import explain
from pnl.sources.kalshi.sign import PrivateKey, load_key
from pnl.sources.kalshi.source import KalshiSource

__all__ = ["KalshiSource", "PrivateKey", "explain", "load_key"]
