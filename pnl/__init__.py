"""NorthStar P&L: one exact profit-and-loss statement, live, from three sources."""

__version__ = "0.1.0"
