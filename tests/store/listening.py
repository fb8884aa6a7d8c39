"""Candidates for the lead whose time a test moves."""

from pnl.ports import Claim
from pnl.store import claim_of

PATIENCE = 0.6


def listening(url: str, now: list[float], patience: float = PATIENCE) -> Claim:
    """Return a claim with a clock of its own, which a test moves."""
    claim = claim_of(url, patience_seconds=patience)
    claim._silence._monotonic = lambda: now[0]  # type: ignore[attr-defined]  # the candidate's own clock
    return claim


def waits(claim: Claim, now: list[float], seconds: int) -> bool:
    """Let time pass for a candidate that looks twice a second; return whether it took the lead."""
    for _ in range(2 * seconds):
        now[0] += 0.5
        if claim.take():
            return True
    return False
