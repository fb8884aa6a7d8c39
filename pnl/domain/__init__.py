"""The pure core: records in, statement out. No input or output, no clock, no framework."""
