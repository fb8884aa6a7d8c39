"""Start here: `python app.py` reads the settings, puts the product together and serves it.

Settings → `pnl.desk.build` → gunicorn, one worker process with a few dozen threads. Live connections
are kept by the desk's hub and cost no thread. A worker that crashes is replaced by a fresh one; on
SIGHUP the fresh one comes first, and the old one, once that answers, sends its live clients over.
"""

import errno
import gc
import mmap
import os
import signal
import socket
import sys
from contextlib import suppress
from types import FrameType
from typing import TYPE_CHECKING, Any

from gunicorn.app.base import BaseApplication

from pnl import __version__
from pnl.config import Settings
from pnl.errors import ConfigError, PnlError, PortUnavailable, StoreMismatch
from pnl.logs import ServerLog, configure, hide
from pnl.ops.allocator import keep_together
from pnl.web.handover import Handover

if TYPE_CHECKING:
    from pnl.desk.assembly import Desk
    from pnl.rounds import Rounds

THREADS = 32
STOP_SECONDS = 5
TURN_SECONDS = 0.0005
"""How long a busy thread, such as a long export, keeps others waiting: a page takes about ten turns to be made."""
WRONG_SETTING = 2
"""The exit code where a person must mend a setting: whoever supervises the process need not try again."""
FOR_A_PERSON = (ConfigError, StoreMismatch)
COULD_NOT_START = 4
"""The exit code of any other start that failed, which may do later on; gunicorn's own where nothing was loaded."""
MAY_PASS = (errno.EADDRINUSE, errno.EADDRNOTAVAIL, socket.EAI_AGAIN)
"""Why an address cannot be listened on that may be listened on later: taken, not there yet, a name not looked up."""


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn with our settings, and no file or flag of its own."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._desk: Desk | None = None
        self._reports: Rounds | None = None
        self._relieves = False
        self._for_a_person = mmap.mmap(-1, 1)  # shared with the process that serves, which finds it out
        super().__init__()
        self._handover = Handover(self)

    def run(self) -> None:
        """Serve until told to stop; ends with `SystemExit`."""
        self._handover.run()

    def load_config(self) -> None:
        """Tell gunicorn how to serve."""
        for name, value in {
            "bind": self._settings.address,
            "worker_class": "pnl.web.worker.Worker",
            "workers": 1,
            "threads": THREADS,
            "graceful_timeout": STOP_SECONDS,
            "control_socket_disable": True,
            "proc_name": "northstar-pnl",
            "loglevel": "warning",
            "logger_class": ServerLog,
            "post_fork": lambda _server, worker: self._forked(worker.age),
            "post_worker_init": self._started,
            "worker_exit": lambda _server, _worker: self._stopped(),
            "on_exit": lambda _server: gc.freeze(),
        }.items():
            self.cfg.set(name, value)

    def load(self) -> Any:  # noqa: ANN401 - a WSGI application
        """Put the product together, in the process that serves it."""
        gc.disable()  # what a start makes stays: looking through it for garbage takes a quarter of the time
        from pnl.desk.assembly import build  # noqa: PLC0415 - its weight belongs to the serving process alone

        sys.setswitchinterval(TURN_SECONDS)
        self._for_a_person[0] = False
        try:
            if self._relieves:
                self._settings = self._settings.renewed()  # keys may have been changed since the first process began
                hide(self._settings.secrets)
            self._desk = build(self._settings, relieves=self._relieves)
        except PnlError as error:
            print(f"northstar-pnl: {error}", file=sys.stderr, flush=True)  # noqa: T201 - the operator's terminal
            self._for_a_person[0] = isinstance(error, FOR_A_PERSON)
            raise SystemExit(COULD_NOT_START) from None
        gc.freeze()
        gc.enable()
        return self._desk.server

    @property
    def for_a_person(self) -> bool:
        """Whether the product could not be put together for something that does not pass by itself."""
        return bool(self._for_a_person[0])

    def _forked(self, age: int) -> None:
        """Note whether this worker takes the place of one that ends: it then waits for the lead."""
        self._relieves = age > 1

    def _started(self, worker: Any) -> None:  # noqa: ANN401 - gunicorn has no types
        from pnl.ops.supervisor import reports  # noqa: PLC0415 - its weight belongs to the serving process alone

        if self._desk:
            self._desk.start()
            worker.hold(self._desk.requests)
            self._say_goodbye_on_stop(self._desk)
            self._reports = reports(self._settings.host, self._settings.port)
            if self._reports:
                self._reports.start()
        fed = "demo data from the built-in sandbox" if self._settings.demo else "live data"
        address = f"http://{self._settings.address}/"
        with suppress(OSError):  # a log that nobody takes, on a full disk or a closed pipe, is no reason not to serve
            print(f"NorthStar P&L {__version__}: {address} ({fed})", flush=True)  # noqa: T201 - the operator's terminal
        self._handover.tell_ready(worker.age)

    def _say_goodbye_on_stop(self, desk: "Desk") -> None:
        """Send live clients away as soon as the worker is told to stop, not when its last request is done."""
        stop = signal.getsignal(signal.SIGTERM)

        def told(number: int, frame: FrameType | None) -> None:
            desk.drain()
            if callable(stop):
                stop(number, frame)

        signal.signal(signal.SIGTERM, told)

    def _stopped(self) -> None:
        if self._reports:
            self._reports.stop()
        if self._desk:
            self._desk.close()
        gc.freeze()  # the process ends: looking through all that it holds for what could be freed takes half a second


def main() -> int:
    """Serve until told to stop; return the exit code."""
    keep_together()
    try:
        settings = Settings.load()
        configure(secrets=settings.secrets)
        _refuse_taken_port(settings.host, settings.port)
    except PnlError as error:
        print(f"northstar-pnl: {error}", file=sys.stderr)  # noqa: T201 - the operator's terminal
        return WRONG_SETTING if isinstance(error, FOR_A_PERSON) else COULD_NOT_START
    server, first = Server(settings), os.getpid()
    try:
        server.run()
    except SystemExit as end:  # the forked process that serves comes by here as well: its end is for the first to judge
        if os.getpid() == first and end.code == COULD_NOT_START and server.for_a_person:
            return WRONG_SETTING
        raise
    return 0


def _refuse_taken_port(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            cure = "set PNL_PORT to a free port, or stop what listens there"
            kind = PortUnavailable if error.errno in MAY_PASS else ConfigError
            raise kind(f"PNL_PORT={port} cannot be listened on at {host} ({error.strerror}): {cure}") from error


if __name__ == "__main__":
    sys.exit(main())
