"""Alerts: what a rule watches, when it fires and when it is over. Pure, like the rest of the domain."""
