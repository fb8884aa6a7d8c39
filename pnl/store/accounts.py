"""Who may come in, in the same database as what they come to see; implements `pnl.access.people.Accounts`."""

from datetime import datetime, timedelta
from typing import Any, Final, cast

from sqlalchemy import ColumnElement, Connection, Row, delete, desc, func, insert, select

from pnl.access.people import Role, Scope, Session, Token, User
from pnl.store import numbered, schema
from pnl.store.facts import microseconds, moment
from pnl.store.failures import answered
from pnl.store.numbered import Opened
from pnl.store.upsert import put

MINUTE: Final = timedelta(minutes=1)
HOUR: Final = timedelta(hours=1)
NOTHING: Final = timedelta()


class SqlAccounts:
    """Users, sessions, tokens and attempts.

    Args:
        reading: Opens a connection that reads.
        writing: Opens one in a transaction.
    """

    def __init__(self, reading: Opened, writing: Opened) -> None:
        self._reading = reading
        self._writing = writing

    @answered
    def users(self) -> tuple[User, ...]:
        """Return everybody."""
        with self._reading() as connection:
            table = schema.user_account
            return tuple(_user(row) for row in connection.execute(select(table).order_by(table.c.name)))

    @answered
    def user(self, name: str) -> User | None:
        """Return one."""
        with self._reading() as connection:
            table = schema.user_account
            row = connection.execute(select(table).where(table.c.name == name)).one_or_none()
            return _user(row) if row else None

    @answered
    def put_user(self, user: User) -> None:
        """Keep a user, and end the sessions of that name."""
        with self._writing() as connection:
            put(connection, schema.user_account, [{"name": user.name, "role": user.role, "password": user.password}])
            connection.execute(delete(schema.user_session).where(schema.user_session.c.name == user.name))

    @answered
    def drop_user(self, name: str) -> bool:
        """Forget a user and the sessions."""
        with self._writing() as connection:
            connection.execute(delete(schema.user_session).where(schema.user_session.c.name == name))
            gone = connection.execute(delete(schema.user_account).where(schema.user_account.c.name == name))
            return bool(gone.rowcount)

    @answered
    def open_session(self, digest: str, session: Session, now: datetime) -> None:
        """Keep a session, and forget those that are over."""
        table = schema.user_session
        with self._writing() as connection:
            connection.execute(delete(table).where(table.c.until_us <= microseconds(now)))
            connection.execute(
                insert(table).values(
                    digest=digest, name=session.name, role=session.role, until_us=microseconds(session.until)
                )
            )

    @answered
    def session(self, digest: str) -> Session | None:
        """Return a session, with the role that holds now."""
        kept, user = schema.user_session.c, schema.user_account.c
        joined = schema.user_session.outerjoin(schema.user_account, kept.name == user.name)
        role = func.coalesce(kept.role, user.role).label("role")
        query = (
            select(kept.name, kept.until_us, kept.role.label("own"), role)
            .select_from(joined)
            .where(kept.digest == digest)
        )
        with self._reading() as connection:
            row = connection.execute(query).one_or_none()
        if row is None or row.role is None:
            return None
        return Session(name=row.name, role=cast("Role", row.role), until=moment(row.until_us), own=row.own is not None)

    @answered
    def close_session(self, digest: str) -> None:
        """Forget a session."""
        with self._writing() as connection:
            connection.execute(delete(schema.user_session).where(schema.user_session.c.digest == digest))

    @answered
    def close_sessions(self, name: str) -> int:
        """Forget every session of a name."""
        with self._writing() as connection:
            gone = connection.execute(delete(schema.user_session).where(schema.user_session.c.name == name))
            return int(gone.rowcount)

    @answered
    def tokens(self) -> tuple[Token, ...]:
        """Return every token, the newest first."""
        with self._reading() as connection:
            return tuple(_token(row) for row in numbered.newest_first(connection, schema.api_token))

    @answered
    def token(self, number: str) -> Token | None:
        """Return one."""
        with self._reading() as connection:
            row = numbered.one(connection, schema.api_token, number)
            return _token(row) if row else None

    @answered
    def put_token(self, token: Token) -> None:
        """Keep a new token."""
        row = {
            **numbered.new(token),
            "name": token.name,
            "digest": token.digest,
            "scopes": " ".join(sorted(token.scopes)),
        }
        with self._writing() as connection:
            connection.execute(insert(schema.api_token).values(row))

    @answered
    def end_token(self, number: str, at: datetime) -> bool:
        """Revoke a token."""
        with self._writing() as connection:
            return numbered.end(connection, schema.api_token, number, at)

    @answered
    def attempt(
        self, at: datetime, address: str, name: str, *, per_minute: int, per_hour: int | None = None
    ) -> timedelta:
        """Count one attempt to sign in, and return how long the next has to wait."""
        table = schema.sign_in_attempt
        with self._writing() as connection:
            connection.execute(delete(table).where(table.c.at_us <= microseconds(at - HOUR)))
            connection.execute(insert(table).values(at_us=microseconds(at), address=address, name=name))
            here = _wait(connection, table.c.address == address, per_minute, at, MINUTE)
            named = _wait(connection, table.c.name == name, per_hour, at, HOUR) if per_hour else NOTHING
            return max(here, named)

    @answered
    def forgive(self, address: str, name: str) -> None:
        """Forget the attempts for a name from an address."""
        table = schema.sign_in_attempt
        with self._writing() as connection:
            connection.execute(delete(table).where(table.c.address == address, table.c.name == name))


def _wait(connection: Connection, which: ColumnElement[bool], most: int, at: datetime, span: timedelta) -> timedelta:
    """Return for how long more than `most` attempts are within the time: until enough of them are older."""
    times = select(schema.sign_in_attempt.c.at_us).where(
        which, schema.sign_in_attempt.c.at_us > microseconds(at - span)
    )
    last, *more = connection.execute(times.order_by(desc("at_us")).offset(most - 1).limit(2)).scalars().all() or [0]
    return moment(last) + span - at if more else NOTHING


def _user(row: Row[Any]) -> User:
    return User(name=row.name, role=cast("Role", row.role), password=row.password)


def _token(row: Row[Any]) -> Token:
    return Token(
        name=row.name,
        digest=row.digest,
        scopes=frozenset(cast("list[Scope]", row.scopes.split())),
        **numbered.of(row),
    )
