"""What is off unless it is asked for: errors to Sentry, a span for each request to a collector of OpenTelemetry."""

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, cast

from flask import Flask, Response, g, request

from pnl import __version__
from pnl.config import Settings
from pnl.desk.upstreams import secret
from pnl.errors import ConfigError
from pnl.logs import redacted

if TYPE_CHECKING:
    from sentry_sdk.types import Event, Hint

_CURE: Final = "install requirements-extras.txt, or remove the setting"
_LEFT_OUT: Final = ("request", "user", "server_name", "modules", "breadcrumbs", "extra")
"""What Sentry need not know of an error."""
Close = Callable[[], object]


def extras(settings: Settings, server: Flask) -> Close:
    """Begin to send what the settings ask for; return what ends it, after the last was sent.

    Raises:
        ConfigError: Its library is not installed.
    """
    ends = [_sentry(settings)] if settings.sentry_dsn else []
    if settings.otlp_url:
        ends.append(_spans(settings.otlp_url, server))

    def close() -> None:
        for end in ends:
            end()

    return close


def _sentry(settings: Settings) -> Close:
    try:
        import sentry_sdk  # noqa: PLC0415 - only where it is asked for
        from sentry_sdk.integrations.logging import LoggingIntegration  # noqa: PLC0415
    except ImportError as error:
        raise ConfigError(f"PNL_SENTRY_DSN is set, and sentry-sdk is not installed: {_CURE}") from error

    def without_secrets(event: "Event", _hint: "Hint") -> "Event":
        return cast("Event", redacted({name: held for name, held in event.items() if name not in _LEFT_OUT}))

    sentry_sdk.init(
        dsn=secret(settings.sentry_dsn),
        release=__version__,
        include_local_variables=False,
        include_source_context=False,
        max_request_body_size="never",
        default_integrations=False,
        integrations=[LoggingIntegration(level=None, event_level=logging.ERROR)],
        before_send=without_secrets,
    )
    return lambda: sentry_sdk.get_client().close(timeout=2.0)


def _spans(url: str, server: Flask) -> Close:
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
    except ImportError as error:
        raise ConfigError(f"PNL_OTLP_URL is set, and opentelemetry-sdk is not installed: {_CURE}") from error
    provider = TracerProvider(
        resource=Resource.create({"service.name": "northstar-pnl", "service.version": __version__}),
        shutdown_on_exit=False,
    )
    provider.add_span_processor(
        BatchSpanProcessor(OTLPSpanExporter(endpoint=f"{url.rstrip('/')}/v1/traces", timeout=3))
    )
    tracer = provider.get_tracer("pnl.web")

    def begun() -> None:
        rule = request.url_rule.rule if request.url_rule else "none"
        g.pnl_span = tracer.start_span(f"{request.method} {rule}")
        g.pnl_span.set_attributes({"http.request.method": request.method, "http.route": rule})

    def done(response: Response) -> Response:
        if "pnl_span" in g:
            g.pnl_span.set_attribute("http.response.status_code", response.status_code)
        return response

    def gone(_: BaseException | None) -> None:
        span: Any = g.pop("pnl_span", None)
        if span is not None:
            span.end()

    server.before_request(begun)
    server.after_request(done)
    server.teardown_request(gone)
    return provider.shutdown
