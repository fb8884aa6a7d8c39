"""The settings: read once, in `app.py`, from the environment, then `.env`; secrets also from files.

A value that makes no sense stops the start with one line that names the setting, the value and the
cure. The value of a secret is in no message, no `repr` and no log.
"""

from pnl.config.settings import Settings

__all__ = ["Settings"]
