"""What a log line looks like, and what it never holds."""

import json
import logging

import pytest
import structlog

from server.logging import configure_logging


@pytest.fixture(autouse=True)
def _undo(logging_as_before: None) -> None:
    """The next test logs as before."""


def fail_with(secret: str) -> None:
    local_secret = secret * 2
    raise ValueError(f"{len(local_secret)} characters")


def test_own_and_foreign_lines_are_json(capsys: pytest.CaptureFixture[str]) -> None:
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    configure_logging(log_format="json", level="INFO")
    structlog.contextvars.bind_contextvars(request_id="r1")
    structlog.get_logger(component="test").info("own", figure=5)
    logging.getLogger("uvicorn.error").warning("foreign %s", "line", extra={"color_message": "\x1b[1m"})
    structlog.get_logger().debug("too quiet")
    structlog.contextvars.clear_contextvars()
    own, foreign = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert {**own, "timestamp": ""} == {
        "event": "own",
        "component": "test",
        "figure": 5,
        "request_id": "r1",
        "level": "info",
        "timestamp": "",
    }
    assert (foreign["event"], foreign["logger"], foreign["level"]) == ("foreign line", "uvicorn.error", "warning")
    assert foreign["request_id"] == "r1"
    assert "color_message" not in foreign


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_a_traceback_shows_no_local_values(log_format: str, capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(log_format=log_format, level="INFO")
    try:
        fail_with("hunter2")
    except ValueError as error:
        structlog.get_logger().error("fault", exc_info=error)
        logging.getLogger("library").exception("fault")
    lines = capsys.readouterr().err
    assert lines.count("14 characters") >= 2
    assert "fail_with" in lines
    assert "hunter2hunter2" not in lines


def test_configuring_twice_writes_each_line_once(capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        configure_logging(log_format="console", level="warning")
    logging.getLogger("library").warning("once")
    structlog.get_logger().warning("and this once")
    assert len(capsys.readouterr().err.splitlines()) == 2
