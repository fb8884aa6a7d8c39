"""The clients that keep up, as bare descriptors: whoever sends to all of them touches little memory besides.

Ten thousand objects that were last looked at a tick ago have left the processor's caches, and to fetch each
of them again takes longer than to send. What is kept of a descriptor stays in one line of the cache.
"""

from pnl.live.client import Client
from pnl.live.fanout import FanOut
from pnl.ports import Form


class Lane:
    """Clients that take one form, for whom nothing waits and who hold what was told last.

    Args:
        form: What they take.
        fan_out: How it is sent to all of them; without descriptors.
    """

    def __init__(self, form: Form, fan_out: FanOut) -> None:
        self.form = form
        self._fan_out = fan_out
        self._clients: list[Client] = []

    def add(self, client: Client) -> None:
        """Take a client in."""
        client.place = len(self._clients)
        self._fan_out.add(client.fd)
        self._clients.append(client)

    def remove(self, client: Client) -> None:
        """Let a client go; the last one takes its place."""
        place = client.place
        if place is None:
            return
        self._fan_out.remove(place)
        last = self._clients.pop()
        if last is not client:
            self._clients[place] = last
            last.place = place
        client.place = None

    def send(self, data: bytes) -> list[tuple[Client, int]]:
        """Send `data` to all.

        Returns:
            Those who did not take the whole, each with how many bytes the kernel took; below 0 for an error.
        """
        return [(self._clients[place], sent) for place, sent in self._fan_out.send(data)]

    def __len__(self) -> int:
        return len(self._clients)
