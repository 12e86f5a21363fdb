"""Ties a child's life to its parent's: a parent killed with -9 leaves no server behind."""

import ctypes
import os
import signal
from collections.abc import Callable

PR_SET_PDEATHSIG = 1  # linux/prctl.h

# Loaded here because nothing may be imported between fork and exec.
_libc = ctypes.CDLL(None, use_errno=True)


def die_with_parent(stop_signal: signal.Signals) -> Callable[[], None]:
    """What the child runs between fork and exec so that the kernel sends it `stop_signal` when this process dies."""
    parent = os.getpid()

    def take_leash() -> None:
        _libc.prctl(PR_SET_PDEATHSIG, int(stop_signal))
        if os.getppid() != parent:
            # The parent died before the line above: the kernel will send nothing any more.
            os._exit(1)

    return take_leash
