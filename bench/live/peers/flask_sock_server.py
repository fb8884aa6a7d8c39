"""flask-sock on gunicorn: each client keeps a thread, or a greenlet, and is sent the newest message by it."""

# mypy: disable-error-code="import-not-found,import-untyped"
# The packages are in the environment of the benchmark, not in the one that is checked.

import threading
import time

from flask import Flask
from flask_sock import Sock
from simple_websocket import Server

from bench.live.message import text


def server(seconds: float) -> Flask:
    """Return the application; from then on a message is made every so many seconds."""
    app = Flask(__name__)
    sock = Sock(app)
    fresh = threading.Condition()
    newest = ["", 0]

    def publish() -> None:
        number = 0
        while True:
            time.sleep(seconds)
            number += 1
            with fresh:
                newest[:] = [text(number), number]
                fresh.notify_all()

    @sock.route("/ws")  # type: ignore[untyped-decorator]
    def client(connection: Server) -> None:
        had = newest[1]
        while True:
            with fresh:
                while newest[1] == had:
                    fresh.wait()
                message, had = newest
            connection.send(message)

    threading.Thread(target=publish, daemon=True).start()
    return app
