"""Alerts on their way: the file of rules and receivers, what is in force, and what is sent to whom."""
