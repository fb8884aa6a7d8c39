"""The clients that keep up, as bare descriptors: whoever sends to all of them touches little memory besides.

Ten thousand objects that were last looked at a tick ago have left the processor's caches, and to fetch each
of them again takes longer than to send. An array of descriptors stays in a few dozen lines of the cache.
"""

from array import array
from ctypes import c_size_t

from pnl.live.client import Client
from pnl.live.sending import FLAGS, QuickCall
from pnl.ports import Form


class Lane:
    """Clients that take one form, for whom nothing waits and who hold what was told last.

    Args:
        form: What they take.
        send: The C library's `send`.
    """

    def __init__(self, form: Form, send: QuickCall) -> None:
        self.form = form
        self._send = send
        self._descriptors = array("i")
        self._clients: list[Client] = []

    def add(self, client: Client) -> None:
        """Take a client in."""
        client.place = len(self._clients)
        self._descriptors.append(client.fd)
        self._clients.append(client)

    def remove(self, client: Client) -> None:
        """Let a client go; the last one takes its place."""
        place = client.place
        last, descriptor = self._clients.pop(), self._descriptors.pop()
        if place is not None and last is not client:
            self._clients[place], self._descriptors[place] = last, descriptor
            last.place = place
        client.place = None

    def send(self, data: bytes) -> list[tuple[Client, int]]:
        """Send `data` to all.

        Returns:
            Those who did not take the whole, each with how many bytes the kernel took; below 0 for an error.
        """
        send, whole, size = self._send, len(data), c_size_t(len(data))
        short = [
            (place, sent)
            for place, descriptor in enumerate(self._descriptors)
            if (sent := send(descriptor, data, size, FLAGS)) != whole
        ]
        return [(self._clients[place], sent) for place, sent in short]

    def __len__(self) -> int:
        return len(self._clients)
