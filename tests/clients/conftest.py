"""Logging as it was before the test, for those who start the application."""

from tests.server.conftest import logging_as_before

__all__ = ["logging_as_before"]
