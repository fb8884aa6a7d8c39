"""The product as systemd starts it: what it tells on the socket that it is given."""

import socket
from pathlib import Path

from tests.product.process import Process


def test_systemd_is_told_once_the_product_answers(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(str(tmp_path / "notify"))
        ear.settimeout(60)
        product = Process(tmp_path / "data", NOTIFY_SOCKET=str(tmp_path / "notify"))
        try:
            heard = [ear.recv(200)]
            while b"WATCHDOG=1" not in heard[-1]:
                heard.append(ear.recv(200))
            assert product.get("/healthz").status_code == 200
        finally:
            product.end()

    assert heard[0].startswith(b"READY=1")
    assert heard[-1] == b"WATCHDOG_USEC=60000000\nWATCHDOG=1"
