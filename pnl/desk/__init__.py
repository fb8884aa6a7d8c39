"""Puts the product together, part by part; `assembly` holds the whole."""
