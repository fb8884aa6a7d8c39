"""A proxy that knows the doors of the live feed, and shuts them one by one."""

from tests.proxy import Proxy

WEBSOCKET, EVENTS, POLLING = b"/api/pnl/ws", b"/api/pnl/stream", b"/api/pnl/deltas"


class Gate(Proxy):
    """Passes everything on, but for requests whose path begins with one that is shut: those are reset."""

    def __init__(self, target_port: int) -> None:
        self._shut: tuple[bytes, ...] = ()
        super().__init__(target_port)

    def shut(self, *paths: bytes) -> None:
        """Reset connections that ask, or have asked last, for one of these paths; others are open again."""

        def do() -> None:
            self._shut = paths
            self._become(asked=self._asked)
            for link in tuple(self._links):
                if getattr(link, "path", b"").startswith(paths):
                    link.abort()

        self._call(do)

    def open(self) -> None:
        """Pass everything on."""
        self.shut()

    def _to_pass(self) -> None:
        self._become(asked=self._asked)

    def _asked(self, link: object, data: bytes) -> bytes:
        method, _, rest = data.partition(b" ")
        if method in (b"GET", b"POST", b"PUT"):
            path = rest.partition(b" ")[0]
            link.path = path  # type: ignore[attr-defined]  # kept on the link, to know what it carries
            if self._shut and path.startswith(self._shut):
                link.abort()  # type: ignore[attr-defined]
                return b""
        return data
