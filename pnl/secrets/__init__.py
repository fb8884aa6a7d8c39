"""Secrets that are kept elsewhere: in files, in AWS Secrets Manager, in Vault."""

from pnl.secrets.keyring import Keyring
from pnl.secrets.reference import Reference, reference

__all__ = ["Keyring", "Reference", "reference"]
