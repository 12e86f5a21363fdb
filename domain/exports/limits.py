"""How often, how long and how many: what holds of every export."""

from datetime import timedelta

BETWEEN = timedelta(hours=24)
"""From one export that was made to the next that may be asked for."""
KEPT = timedelta(days=7)
"""From its making to its deletion."""
LONGEST_SECONDS = 120.0
"""A making that takes longer is ended and tried again. Shorter than what a deleted file's object is waited for
(`domain/files/settling.py`), so that nothing is written after that."""
LEASE = timedelta(minutes=3)
"""Longer than any making; then its maker is dead."""
PAUSE = timedelta(minutes=1)
"""After the first attempt that failed; longer after each further one."""
MOST_ATTEMPTS = 5
MOST_AT_ONCE = 4
"""Made at a time by all workers together, so that exports never take every place of a worker."""
