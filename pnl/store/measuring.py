"""How long the statements of the database take."""

import time
from typing import Any, Final

from sqlalchemy import Engine, event

from pnl.metrics.instruments import QUERY

_READ: Final = QUERY.labels("read")
_WRITE: Final = QUERY.labels("write")


def measure(engine: Engine) -> Engine:
    """Have every statement of an engine measured; return the engine."""

    @event.listens_for(engine, "before_cursor_execute")
    def _begun(_connection: Any, _cursor: Any, _text: str, _given: Any, context: Any, _many: bool) -> None:  # noqa: ANN401 - as SQLAlchemy calls it
        context._pnl_began = time.perf_counter()

    @event.listens_for(engine, "after_cursor_execute")
    def _done(_connection: Any, _cursor: Any, _text: str, _given: Any, context: Any, _many: bool) -> None:  # noqa: ANN401
        read = context.compiled is None or not (context.isinsert or context.isupdate or context.isdelete)
        (_READ if read else _WRITE).observe(time.perf_counter() - context._pnl_began)

    return engine
