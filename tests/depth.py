"""How many made-up examples a law is tried on: a third of the whole, unless `TEST_DEPTH=whole` asks for all."""

import os


def examples(whole: int) -> int:
    """Return how many examples to try, of which `whole` are tried by `make test-whole`."""
    return whole if os.environ.get("TEST_DEPTH") == "whole" else -(-whole // 3)
