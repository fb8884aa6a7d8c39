"""What an operator can do about a source: the settings that connect it, and the cure of what went wrong."""

from dataclasses import dataclass
from typing import Final

from pnl.sources.failures import CERTIFICATE


@dataclass(frozen=True, slots=True)
class Connection:
    """How a source is connected: the settings that it needs, those of its address, and where that is explained."""

    settings: tuple[str, ...]
    address: str
    guide: str


CONNECTIONS: Final = {
    "kalshi": Connection(
        ("PNL_KALSHI_KEY_ID", "PNL_KALSHI_PRIVATE_KEY"), "PNL_KALSHI_BASE_URL", "docs/how-to/connect-kalshi.md"
    ),
    "anthropic": Connection(("PNL_ANTHROPIC_ADMIN_KEY",), "PNL_ANTHROPIC_BASE_URL", "docs/how-to/connect-anthropic.md"),
    "revenue.feed": Connection(
        ("PNL_REVENUE_URL", "PNL_REVENUE_TOKEN"), "PNL_REVENUE_URL", "docs/how-to/connect-revenue.md"
    ),
    "revenue.stripe": Connection(("PNL_STRIPE_KEY",), "PNL_STRIPE_BASE_URL", "docs/how-to/connect-revenue.md"),
    "revenue.csv": Connection(("PNL_REVENUE_CSV",), "PNL_REVENUE_CSV", "docs/how-to/connect-revenue.md"),
}
"""Every source that there can be, in the order in which they are told."""


def cure(source: str, kind: str | None, text: str) -> str:
    """Return what can be done about an error of a source.

    Args:
        source: The source's name, of those in `CONNECTIONS`.
        kind: The name of the error's class, such as `SourceRefused`; None if that was not kept.
        text: What the error says. Where it ends with a cure of its own, that one is given.
    """
    own = text.rpartition("; ")[2]
    if own.startswith(("check ", "mend ", "the private key ", "no such key ", "the key may ")):
        return f"{own[0].upper()}{own[1:]}."
    known = CONNECTIONS[source]
    keys = " and ".join(name for name in known.settings if name != known.address)
    kind_of_key = "token" if source == "revenue.feed" else "key"
    if source == "revenue.csv":
        return f"Mend the file that {known.address} names; it is read again with the next tick."
    match kind:
        case "SourceRefused":
            said = (
                f"Give a {kind_of_key} that may read in {keys}. In a file, Vault or AWS Secrets Manager it is taken up "
                "by itself; with one in the environment or .env, start again."
            )
        case "SourceUnreachable" if CERTIFICATE in text:
            said = (
                f"Mend the certificate of that server, or give the name in {known.address} that it is for: it must be "
                "in date, and of an authority that this machine trusts. It is tried again by itself."
            )
        case "SourceUnreachable":
            said = f"Check the network and {known.address}; it is tried again by itself."
        case "SourceRejected":
            said = f"Check {known.address}: what is there does not know what it was asked."
        case "SourceBusy":
            said = "Nothing to do: it limits how often it is asked, and is asked again. Is the key used elsewhere?"
        case "SourceBroken":
            said = "Nothing to do here: the trouble is on its side. It is tried again by itself."
        case "SourceGarbled":
            said = f"Check that {known.address} names the right place. If it does, the source speaks in a new way."
        case _:
            said = "It is tried again by itself; `python -m pnl doctor` says more."
    return said
