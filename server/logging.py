"""One structured line for each event, from this code and from libraries alike, on standard error.

Lines hold ids and figures, never variables, tokens, bodies or names of people. Start uvicorn with `log_config=None` and
`access_log=False`: its own lines then pass through here, and `server.http.observed` writes the access log.
"""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import orjson
import structlog
from structlog.typing import Processor

# Without the values of local variables: they may be anything.
_tracebacks = structlog.processors.ExceptionRenderer(
    structlog.tracebacks.ExceptionDictTransformer(show_locals=False, max_frames=30)
)


class _ToStandardError(logging.Handler):
    """Writes to whatever standard error is when a line is written."""

    def emit(self, record: logging.LogRecord) -> None:
        sys.stderr.write(f"{self.format(record)}\n")


_handler = _ToStandardError()


def configure_logging(*, log_format: str, level: str) -> None:
    """Log from `level` up, as JSON lines or, with the format `console`, for a person's eyes. Repeatable."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    for_people = log_format == "console"
    finish: list[Processor] = (
        [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)]
        if for_people
        else [_tracebacks, _encode]
    )
    # This code's own lines don't pass through the standard library: that takes five times as long for each.
    structlog.configure(
        processors=[*shared, *finish],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=_write_text if for_people else _write_bytes,
        cache_logger_on_first_use=False,
    )
    _configure_libraries(level, shared, finish if for_people else [finish[0], _encode_text])


def _configure_libraries(level: str, shared: list[Processor], finish: list[Processor]) -> None:
    _handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[
                *shared,
                structlog.stdlib.add_logger_name,
                structlog.stdlib.ExtraAdder(),
                _drop_color_message,
            ],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *finish],
        )
    )
    root = logging.getLogger()
    if _handler not in root.handlers:
        root.addHandler(_handler)
    root.setLevel(level.upper())
    # At INFO it writes whole addresses, and WeChat's hold the app's secret and people's codes.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        library = logging.getLogger(name)
        library.handlers = []
        library.propagate = True
        # What is worth a line is said by LOG_LEVEL alone, whatever a server of before wanted.
        library.setLevel(logging.NOTSET)


def _write_bytes(*_names: object) -> structlog.BytesLogger:
    return structlog.BytesLogger(sys.stderr.buffer)


def _write_text(*_names: object) -> structlog.PrintLogger:
    return structlog.PrintLogger(sys.stderr)


def _encode(_logger: object, _method: str, event: MutableMapping[str, Any]) -> bytes:
    return orjson.dumps(event, default=repr)


def _encode_text(_logger: object, _method: str, event: MutableMapping[str, Any]) -> str:
    return orjson.dumps(event, default=repr).decode()


def _drop_color_message(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """uvicorn adds its message a second time, with terminal colours in it."""
    event.pop("color_message", None)
    return event
