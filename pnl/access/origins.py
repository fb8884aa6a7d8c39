"""Origins of other sites, as they are compared: scheme, host and port, and nothing else."""

import re
from typing import Final

_ORIGIN: Final = re.compile(r"(https?)://([a-z0-9-]+(?:\.[a-z0-9-]+)*|\[[0-9a-f:]+\])(?::(\d{1,5}))?", re.ASCII)
_USUAL: Final = {"http": "80", "https": "443"}


def origin_of(text: str) -> str | None:
    """Return an origin as a browser writes it, without the usual port; None for what is none, as a wildcard.

    >>> origin_of("HTTPS://Wiki.Example.com:443/")
    'https://wiki.example.com'
    """
    found = _ORIGIN.fullmatch(text.strip().lower().removesuffix("/"))
    if found is None or int(found[3] or 1) not in range(1, 65_536):
        return None
    port = f":{int(found[3])}" if found[3] and found[3] != _USUAL[found[1]] else ""
    return f"{found[1]}://{found[2]}{port}"
