"""What every page says while the certificates of some sources are not checked."""

from collections.abc import Iterable

from flask import Flask, current_app, has_app_context


def note(server: Flask, hosts: Iterable[str]) -> None:
    """Let the pages of a server know whose certificates are not checked."""
    server.extensions["pnl.unchecked"] = tuple(hosts)


def hosts() -> tuple[str, ...]:
    """Return whose certificates are not checked; nobody's, too, when Dash looks at a layout at the start."""
    found: tuple[str, ...] = current_app.extensions.get("pnl.unchecked", ()) if has_app_context() else ()
    return found


def warning() -> tuple[str, str]:
    """Return what there is to say of it, and what it means."""
    danger = f"Whoever is on the way to {', '.join(hosts())} can read the key and invent the figures on this page."
    cure = "This is for tests alone: unset PNL_INSECURE_TLS_HOSTS and restart."
    return "TLS certificates are not checked.", f"{danger} {cure}"
