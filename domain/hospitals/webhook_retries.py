"""When a delivery that failed is tried again. Pure."""

from datetime import datetime, timedelta

LIVES = timedelta(days=1)
"""A delivery that is not taken for so long waits for somebody to ask for it."""
PAUSES = tuple(timedelta(seconds=seconds) for seconds in (5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400))
HOSPITAL_PAUSES = tuple(timedelta(seconds=seconds) for seconds in (5, 15, 60, 300))


def next_try(attempts: int, now: datetime) -> datetime:
    """The next try after so many that failed."""
    return now + PAUSES[min(attempts, len(PAUSES)) - 1]


def hospital_resumes(failures: int, now: datetime) -> datetime:
    """When a hospital that took nothing is asked again, after so many rounds without one success."""
    return now + HOSPITAL_PAUSES[min(failures, len(HOSPITAL_PAUSES)) - 1]
