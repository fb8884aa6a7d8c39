"""The task that sends: a thread of its own in the process that leads, with nothing that a tick waits for.

What is to be sent stands in the store before it is sent. A message is taken on there first, so that two
processes do not both send it; one whose process dies meanwhile is taken on anew when the time that it was
taken on for is over. Of one incident, a receiver gets one message after the other.
"""

import asyncio
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

import structlog

from pnl.alerts.book import Book
from pnl.alerts.kept import AlertStore, Message
from pnl.alerts.receivers import Receiver
from pnl.alerts.sending import Attempt, Sender
from pnl.clock import Clock
from pnl.errors import Deposed, StoreError

log = structlog.get_logger(__name__)

LOOK_SECONDS = 1.0
LEASE_SECONDS = 60
"""So long nobody else sends a message that was taken on; longer than an attempt may take."""
BASE_SECONDS, MOST_SECONDS = 2.0, 900.0
KEPT = timedelta(days=90)
NOBODY = "there is no receiver of that name in the file"
LAST_SECONDS = 4.0
"""How long attempts under way may take once it is time to stop."""


class Post:
    """Sends what is due, between `start` and `stop`.

    Args:
        store: The outbox.
        book: Whom to tell; it is looked at anew each second.
        sender: Makes one attempt.
        clock: The time.
        random: For the jitter.
        base_seconds: The longest wait after the first attempt that failed; it doubles with each.
        look_seconds: How often the outbox is looked at.
    """

    def __init__(
        self,
        store: AlertStore,
        book: Book,
        sender: Sender,
        *,
        clock: Clock,
        random: Random,
        base_seconds: float = BASE_SECONDS,
        look_seconds: float = LOOK_SECONDS,
    ) -> None:
        self.book = book
        self._store = store
        self._sender = sender
        self._clock = clock
        self._random = random
        self._base = base_seconds
        self._look = look_seconds
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="alerts", daemon=True)
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._wait_until: dict[str, datetime] = {}
        self._unsettled: dict[int, Callable[[], None]] = {}
        self._well = True
        self._swept: datetime | None = None

    def start(self) -> None:
        """Begin to send."""
        self._thread.start()

    def stop(self) -> None:
        """Let attempts under way end, and send no more."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout=2 * LAST_SECONDS)

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        while not self._stopping.is_set():
            try:
                await asyncio.to_thread(self._begin_round)
                for message, receiver in await asyncio.to_thread(self._taken_on):
                    self._tasks[receiver.name] = asyncio.create_task(self._send(message, receiver))
                self._heard(None)
            except Deposed:
                log.info("another process leads: alerts are its to send")
                return
            except StoreError as error:
                self._heard(error)
            except Exception:
                log.exception("alerts could not be looked after; trying again")
            await asyncio.to_thread(self._stopping.wait, self._look)
        if self._tasks:
            await asyncio.wait(self._tasks.values(), timeout=LAST_SECONDS)
        await asyncio.to_thread(self._settle)

    def _heard(self, error: StoreError | None) -> None:
        if error and self._well:
            log.error("the store does not answer: alerts wait", error=str(error))
        self._well = error is None

    def _begin_round(self) -> None:
        self.book.look()
        self._settle()
        now = self._clock.now()
        if self._swept is None or now - self._swept >= timedelta(hours=1):
            self._store.forget(now - KEPT)
            self._swept = now

    def _settle(self) -> None:
        """Note what became of messages while the store did not answer: what has arrived must not be sent again."""
        for number, note in list(self._unsettled.items()):
            note()
            del self._unsettled[number]

    def _taken_on(self) -> list[tuple[Message, Receiver]]:
        """Take messages on, one for each receiver that is free."""
        found: dict[str, tuple[Message, Receiver]] = {}
        now = self._clock.now()
        self._tasks = {name: task for name, task in self._tasks.items() if not task.done()}
        for message in self._store.due(now):
            name = message.receiver
            busy = name in found or name in self._tasks or self._wait_until.get(name, now) > now
            if busy or message.number in self._unsettled:
                continue
            receiver = self.book.receivers.get(name)
            if not self._store.claim(message.number, now, now + timedelta(seconds=LEASE_SECONDS)):
                continue
            if receiver is None:
                missing = Attempt(result="later", error=self.book.trouble or NOBODY)
                self._conclude(message, missing, give_up_hours=24)
            else:
                found[name] = (message, receiver)
        return list(found.values())

    async def _send(self, message: Message, receiver: Receiver) -> None:
        try:
            attempt = await self._sender.send(receiver, message.event, self.book.public_url)
        except Exception as error:
            log.exception("alert could not be made into a message", receiver=receiver.name)
            attempt = Attempt(result="later", error=f"it could not be made into a message ({type(error).__name__})")
        await asyncio.to_thread(self._conclude, message, attempt, receiver.give_up_hours)

    def _conclude(self, message: Message, attempt: Attempt, give_up_hours: int) -> None:
        """Note what came of an attempt, now or as soon as the store answers."""
        now = self._clock.now()
        error = attempt.error or ""
        about = {
            "receiver": message.receiver,
            "action": message.event.action,
            "rule": message.event.name,
            "attempt": message.attempts + 1,
        }
        end = message.made_at + timedelta(hours=give_up_hours)
        if attempt.result == "sent":
            log.info("alert sent", **about)
            self._note(message, lambda: self._store.settle(message.number, "sent", None, now))
        elif attempt.result == "refused":
            log.error("alert refused", **about, error=error)
            self._note(message, lambda: self._store.settle(message.number, "refused", error, now))
        elif now >= end:
            log.error("alert given up", **about, error=error, hours=give_up_hours)
            self._note(message, lambda: self._store.settle(message.number, "given_up", error, now))
        else:
            due = min(now + self._pause(message.attempts, attempt.wait), end)
            log.warning("alert not sent, it is tried again", **about, error=error, at=due.isoformat())
            if attempt.wait:  # what the receiver asks for holds for all; the pause of this message is its own
                self._wait_until[message.receiver] = now + timedelta(seconds=attempt.wait)
            self._note(message, lambda: self._store.postpone(message.number, due, error))

    def _note(self, message: Message, note: Callable[[], None]) -> None:
        try:
            note()
        except StoreError as error:
            self._unsettled[message.number] = note
            log.error("what became of an alert could not be noted yet", error=str(error))

    def _pause(self, attempts: int, wait: float | None) -> timedelta:
        """Return how long to wait: anything up to a length that doubles with each attempt, and as long as is asked."""
        most = min(self._base * 2**attempts, MOST_SECONDS)
        return timedelta(seconds=(wait or 0) + self._random.uniform(0, most))
