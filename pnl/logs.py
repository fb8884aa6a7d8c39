"""One log on standard output: pretty on a terminal, JSON otherwise, and no secret in it."""

import logging
import re
import sys
from collections.abc import Callable, Iterable, Mapping, MutableMapping, Sequence
from json import dumps
from typing import Any
from urllib.parse import quote

import structlog
from gunicorn.glogging import Logger
from structlog.typing import EventDict, Processor

HIDDEN = "[hidden]"

_SECRET_NAME = re.compile(
    r"secret|passw|authorization|cookie|credential|signature|token|(api|admin|private|access|stripe)[-_]?key|x-api-key",
    re.IGNORECASE,
)
_SECRET_IN_TEXT = re.compile(
    r"(?P<before>\b(?:bearer|basic)\s+|[?&][^=&\s\"']*(?:token|key|secret|signature|sig)=)[^&\s\"'\\]+", re.IGNORECASE
)
_QUIET = {
    "alembic": logging.WARNING,
    "apscheduler": logging.WARNING,
    "asyncio": logging.WARNING,
    "gunicorn": logging.WARNING,
    "httpcore": logging.WARNING,
    "httpcore2": logging.WARNING,
    "httpx": logging.WARNING,
    "httpx2": logging.WARNING,
    "sqlalchemy": logging.WARNING,
    "werkzeug": logging.WARNING,
}
_SHORTEST = 4
"""A secret of fewer letters is not looked for in the text: it would hide half the log and protect nothing."""


def configure(json: bool | None = None, *, secrets: Iterable[str] = ()) -> None:
    """Send everything that is logged, by us and by the libraries, to standard output.

    Args:
        json: True for one JSON object a line, False for a person's eyes; None to find out whether
            standard output is a terminal.
        secrets: Values that must not appear, wherever they turn up: in a text, a field or a traceback.
    """
    to_person = sys.stdout.isatty() if json is None else not json
    ours: tuple[Processor, ...] = (
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.ExtraAdder(),
        _hide_by_name,
    )
    structlog.configure(
        processors=[*ours, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=ours,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *(_person() if to_person else _machine()),
                _Hide(secrets),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for name, level in _QUIET.items():
        logging.getLogger(name).setLevel(level)


def hide(secrets: Iterable[str]) -> None:
    """Leave out these values, too, from now on: secrets that came into force since."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler.formatter, structlog.stdlib.ProcessorFormatter):
            for processor in handler.formatter.processors:
                if isinstance(processor, _Hide):
                    processor.learn(secrets)


def redacted(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return a value that leaves the process another way, without what the log would leave out."""
    hides = [
        processor
        for handler in logging.getLogger().handlers
        if isinstance(handler.formatter, structlog.stdlib.ProcessorFormatter)
        for processor in handler.formatter.processors
        if isinstance(processor, _Hide)
    ]

    def clean(name: object, held: Any) -> Any:  # noqa: ANN401
        if isinstance(name, str) and _SECRET_NAME.search(name) and held is not None:
            return HIDDEN
        if isinstance(held, Mapping):
            return {key: clean(key, one) for key, one in held.items()}
        if isinstance(held, list | tuple):
            return [clean(None, one) for one in held]
        if isinstance(held, str):
            for hide_in in hides or [_Hide(())]:
                held = hide_in(None, "", held)
        return held

    return clean(None, value)


def hiding(secrets: Iterable[str]) -> Callable[[str], str]:
    """Return what takes these values, and what is given like a secret, out of a text."""
    hide_in = _Hide(secrets)
    return lambda text: hide_in(None, "", text)


class ServerLog(Logger):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn's `logger_class`: its lines go where all others go, not to a stream of its own."""

    def setup(self, cfg: object) -> None:
        """Set gunicorn's levels, and take its handlers away."""
        super().setup(cfg)
        for log in (self.error_log, self.access_log):
            log.handlers.clear()
            log.propagate = True

    def exception(self, msg: str, *args: object, **kwargs: Any) -> None:  # noqa: ANN401 - gunicorn's signature
        """Log a failure, but not that of a client that fell silent in its request: nothing of ours is wrong."""
        if not isinstance(sys.exc_info()[1], BlockingIOError):
            super().exception(msg, *args, **kwargs)


def _person() -> Sequence[Processor]:
    # A plain traceback: the pretty ones show local variables, and a key may be one.
    colours = sys.stdout.isatty()
    return [structlog.dev.ConsoleRenderer(colors=colours, exception_formatter=structlog.dev.plain_traceback)]


def _machine() -> Sequence[Processor]:
    return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(default=str)]


def _hide_by_name(_logger: Any, _method: str, event: EventDict) -> EventDict:  # noqa: ANN401 - structlog's signature
    """Hide the fields whose name says that they hold a secret, also inside mappings."""
    for name, value in event.items():
        event[name] = _hidden(name, value)
    return event


def _hidden(name: object, value: object) -> object:
    if isinstance(name, str) and _SECRET_NAME.search(name) and value is not None:
        return HIDDEN
    if isinstance(value, Mapping):
        return {key: _hidden(key, held) for key, held in value.items()}
    if isinstance(value, list | tuple):
        return [_hidden(None, held) for held in value]
    return value


class _Hide:
    """Takes secrets out of the finished line, in each spelling that a line may have them in."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._known: set[str] = set()
        self._values: re.Pattern[str] | None = None
        self.learn(secrets)

    def learn(self, secrets: Iterable[str]) -> None:
        """Hide these, too."""
        self._known |= {spelling for secret in secrets for spelling in _spellings(secret)}
        found = sorted((text for text in self._known if len(text) >= _SHORTEST), key=len, reverse=True)
        self._values = re.compile("|".join(map(re.escape, found))) if found else None

    def __call__(self, _logger: Any, _method: str, line: MutableMapping[str, Any] | str) -> str:  # noqa: ANN401
        text = str(line)
        if self._values:
            text = self._values.sub(HIDDEN, text)
        return _SECRET_IN_TEXT.sub(rf"\g<before>{HIDDEN}", text)


def _spellings(secret: str) -> Iterable[str]:
    """Return the secret as it is, quoted as JSON, Python and addresses do, and line by line."""
    whole = secret.strip().replace("\\n", "\n")
    for text in (secret, whole, *(line for line in whole.splitlines() if not line.startswith("-----"))):
        yield from (text, dumps(text)[1:-1], dumps(text, ensure_ascii=False)[1:-1], repr(text)[1:-1], quote(text, ""))
