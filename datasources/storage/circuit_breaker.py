"""Spares callers the wait for a service that has just failed several times in a row."""

import time
from collections.abc import Callable

FAILURES_TO_OPEN = 5
OPEN_SECONDS = 15.0


class CircuitBreaker:
    """Closed: calls pass. Open: they are refused at once. After a while one call is let through to try."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures = 0
        self._try_at = 0.0

    def lets_through(self) -> bool:
        """Whether to call now."""
        if self._failures < FAILURES_TO_OPEN:
            return True
        if self._clock() < self._try_at:
            return False
        self._try_at = self._clock() + OPEN_SECONDS
        return True

    @property
    def is_closed(self) -> bool:
        """Whether a call would pass now. Asking uses up nothing."""
        return self._failures < FAILURES_TO_OPEN or self._clock() >= self._try_at

    def succeeded(self) -> None:
        """The service answered."""
        self._failures = 0

    def failed(self) -> None:
        """The service did not answer, or answered with a fault of its own."""
        self._failures += 1
        self._try_at = self._clock() + OPEN_SECONDS
