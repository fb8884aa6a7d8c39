"""Anthropic: what the use of its API costs, from the usage and cost reports of an organisation."""
