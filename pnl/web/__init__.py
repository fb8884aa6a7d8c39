"""The HTTP edge: figures and records as JSON and CSV, manual entries, health, and the guards around them."""
