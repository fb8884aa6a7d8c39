"""What every command says to the operator's terminal."""


def say(line: str) -> None:
    """Print a line at once."""
    print(line, flush=True)  # noqa: T201 - the operator's terminal
