"""Flask-SocketIO on gevent's own server: `emit` to everybody."""

# mypy: disable-error-code="import-not-found,import-untyped"
# The packages are in the environment of the benchmark, not in the one that is checked.

from gevent import monkey

monkey.patch_all()

import sys  # noqa: E402 - after the patching

from flask import Flask  # noqa: E402
from flask_socketio import SocketIO  # noqa: E402

from bench.live.message import text  # noqa: E402


def main(port: int, seconds: float) -> None:
    """Send a message to all every so many seconds."""
    app = Flask(__name__)
    live = SocketIO(app, async_mode="gevent")

    def publish() -> None:
        number = 0
        while True:
            live.sleep(seconds)
            number += 1
            live.emit("message", text(number))

    live.start_background_task(publish)
    live.run(app, "127.0.0.1", port, log_output=False)


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
