"""How live servers compare with thousands of clients: `python -m bench.live --help`."""
