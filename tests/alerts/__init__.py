"""Alerts on their way."""
