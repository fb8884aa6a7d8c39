"""Who asks: callers, users, sessions and tokens, and the port behind which they are kept."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, Protocol

from pnl.access.grants import Grant

Role = Literal["viewer", "editor"]
Scope = Literal["read", "entries", "manage", "metrics", "embed"]
Way = Literal["open", "session", "proxy", "token", "embed"]

ROLES: Final[tuple[Role, ...]] = ("viewer", "editor")
SCOPES: Final[tuple[Scope, ...]] = ("read", "entries", "manage", "metrics")
"""What a program's token may be given; `embed` belongs to panels in other sites' pages alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who sent a request.

    Attributes:
        name: The user's, or the token's.
        role: What a person may do; None for a program, which may do what its scopes say.
        way: How it is known who that is: `open` where nobody signs in.
        scopes: What a program may do.
        ticket: What can be asked about later, to learn whether it still holds; None if it always does.
        grant: Of a panel in another site's page, what it may show; None for everybody else.
    """

    name: str
    role: Role | None
    way: Way
    scopes: frozenset[Scope] = frozenset()
    ticket: str | None = None
    grant: Grant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Somebody who signs in with a password, of which only a hash is kept."""

    name: str
    role: Role
    password: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A browser that somebody signed in with.

    Attributes:
        name: Whose it is.
        role: What that person may do; None, when it is kept, for what the user of that name may.
        until: When it is over.
        own: Whether the role is the session's own, not a user's.
    """

    name: str
    role: Role | None
    until: datetime
    own: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What a program shows. `digest` is of its secret part, which is nowhere kept; `ended` is when it was revoked."""

    number: str
    name: str
    digest: str
    scopes: frozenset[Scope]
    made_by: str
    made: datetime
    until: datetime
    ended: datetime | None = None


class Accounts(Protocol):
    """Where people and their keys are kept, for all processes. Every method raises `StoreUnavailable`."""

    def users(self) -> tuple[User, ...]:
        """Return everybody, by name."""
        ...

    def user(self, name: str) -> User | None:
        """Return one."""
        ...

    def put_user(self, user: User) -> None:
        """Keep a user, new or changed; whoever was signed in by that name no longer is."""
        ...

    def drop_user(self, name: str) -> bool:
        """Forget a user and the sessions; return whether there was one."""
        ...

    def open_session(self, digest: str, session: Session, now: datetime) -> None:
        """Keep a session by the hash of its id, and forget those that are over."""
        ...

    def session(self, digest: str) -> Session | None:
        """Return a session, with the user's role where it has none of its own; None if that user is gone."""
        ...

    def close_session(self, digest: str) -> None:
        """Forget a session."""
        ...

    def close_sessions(self, name: str) -> int:
        """Forget every session of a name; return how many there were."""
        ...

    def tokens(self) -> tuple[Token, ...]:
        """Return every token, the newest first."""
        ...

    def token(self, number: str) -> Token | None:
        """Return one."""
        ...

    def put_token(self, token: Token) -> None:
        """Keep a new token."""
        ...

    def end_token(self, number: str, at: datetime) -> bool:
        """Revoke a token; return whether there was one that was not revoked."""
        ...

    def attempt(
        self, at: datetime, address: str, name: str, *, per_minute: int, per_hour: int | None = None
    ) -> timedelta:
        """Count one attempt to sign in, and forget those that are older than an hour.

        Args:
            at: When.
            address: Where it comes from.
            name: Whose it is.
            per_minute: So many from an address are looked into in a minute, this one with them.
            per_hour: And so many for a name in an hour; None where names are not counted.

        Returns:
            How long to wait until the next one is looked into, if there is no other before; nothing where this one is.
        """
        ...

    def forgive(self, address: str, name: str) -> None:
        """Forget the attempts for a name from an address: the last one was right."""
        ...
