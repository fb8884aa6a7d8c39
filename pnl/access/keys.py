"""Session ids and tokens: random, shown once, kept as hashes, and asked about often."""

import hashlib
import hmac
import re
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from pnl.access.people import Accounts, Caller, Role, Scope, Session, Token
from pnl.clock import Clock

RECHECK_SECONDS: Final = 2.0
"""For so long an answer of the store is believed: a key that ended elsewhere may open the door as long."""
_REMEMBERED: Final = 2_000
_TOKEN: Final = re.compile(r"pnl_([A-Za-z0-9]{12})_([A-Za-z0-9_-]{43})")


def digest(secret: str) -> str:
    """Return what is kept of a random secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class _Known:
    caller: Caller | None
    until: datetime
    checked: float


class Keys:
    """Opens and checks sessions and tokens; any thread may ask.

    Args:
        accounts: Where they are kept.
        clock: The time.
        session_hours: How long somebody stays signed in.
        role_of: What a person may do whom another service knows; None where sessions are of users who are kept.
    """

    def __init__(
        self,
        accounts: Accounts,
        clock: Clock,
        session_hours: int = 168,
        *,
        role_of: Callable[[str], Role | None] | None = None,
    ) -> None:
        self._accounts = accounts
        self._role_of = role_of
        self._clock = clock
        self.lasts = timedelta(hours=session_hours)
        self._lock = threading.Lock()
        self._known: OrderedDict[str, _Known] = OrderedDict()

    def sign_in(self, name: str, role: Role | None) -> str:
        """Begin a session; return its id, which only the browser is to have.

        Args:
            name: Whose.
            role: What that person may do; None for what the user of that name may, whatever becomes of it.
        """
        made, now = secrets.token_urlsafe(32), self._clock.now()
        self._accounts.open_session(digest(made), Session(name=name, role=role, until=now + self.lasts), now)
        return made

    def sign_out(self, session: str) -> None:
        """End a session."""
        self._accounts.close_session(digest(session))
        self.forget(f"session:{digest(session)}")

    def of_session(self, session: str) -> Caller | None:
        """Return who has a session id; None if it is over, or never was."""
        return self._of(f"session:{digest(session)}")

    def of_token(self, text: str) -> Caller | None:
        """Return the program that shows a token; None if it is not, or no longer, one."""
        found = _TOKEN.fullmatch(text)
        return self._of(f"token:{found[1]}:{digest(found[2])}") if found else None

    def holds(self, ticket: str) -> bool:
        """Return whether a caller's ticket still opens the door."""
        return self._of(ticket) is not None

    def make_token(self, name: str, scopes: frozenset[Scope], days: int, made_by: str) -> tuple[Token, str]:
        """Make and keep a token; return it, and its text, which is not kept."""
        secret = secrets.token_urlsafe(32)
        number = "".join(secrets.choice("abcdefghijkmnpqrstuvwxyz23456789") for _ in range(12))
        now = self._clock.now()
        token = Token(
            number=number,
            name=name,
            digest=digest(secret),
            scopes=scopes,
            made_by=made_by,
            made=now,
            until=now + timedelta(days=days),
        )
        self._accounts.put_token(token)
        return token, f"pnl_{number}_{secret}"

    def forget(self, ticket: str) -> None:
        """Ask the store when a ticket is next shown."""
        with self._lock:
            self._known.pop(ticket, None)

    def _of(self, ticket: str) -> Caller | None:
        now, moment = self._clock.now(), self._clock.monotonic()
        with self._lock:
            known = self._known.get(ticket)
        if known is None or moment - known.checked > RECHECK_SECONDS:
            known = self._asked(ticket, moment)
            with self._lock:
                self._known[ticket] = known
                self._known.move_to_end(ticket)
                while len(self._known) > _REMEMBERED:
                    self._known.popitem(last=False)
        return known.caller if known.until > now else None

    def _asked(self, ticket: str, moment: float) -> _Known:
        kind, _, rest = ticket.partition(":")
        caller, until = self._session(rest) if kind == "session" else self._token(*rest.split(":"))
        return _Known(caller, until, moment)

    def _session(self, kept: str) -> tuple[Caller | None, datetime]:
        found = self._accounts.session(kept)
        if found is None or found.own is not (self._role_of is not None):
            return None, self._clock.now()
        role = self._role_of(found.name) if self._role_of else found.role  # the lists may say otherwise by now
        if role is None:
            return None, self._clock.now()
        caller = Caller(name=found.name, role=role, way="session", ticket=f"session:{kept}")
        return caller, found.until

    def _token(self, number: str, shown: str) -> tuple[Caller | None, datetime]:
        found = self._accounts.token(number)
        if found is None or found.ended or not hmac.compare_digest(found.digest, shown):
            return None, self._clock.now()
        caller = Caller(
            name=f"token {found.name}", role=None, way="token", scopes=found.scopes, ticket=f"token:{number}:{shown}"
        )
        return caller, found.until
