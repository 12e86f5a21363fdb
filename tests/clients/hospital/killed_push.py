"""A hospital's push that a test kills: so many sessions under one name, a line for each call."""

import os
import sys
from datetime import UTC, datetime, timedelta

from htbooking_hospital import Batch, HospitalClient, Schedule


def main() -> None:
    """Push as many sessions as the first argument says, in calls of as many as the second says."""
    count, batch_size = int(sys.argv[1]), int(sys.argv[2])
    day = (datetime.now(UTC) + timedelta(days=2)).date()
    names = ("HTBOOKING_ENDPOINT", "HTBOOKING_KEY_ID", "HTBOOKING_SECRET")
    endpoint, key_id, secret = (os.environ[name] for name in names)

    def say(batch: Batch) -> None:
        sys.stdout.write(f"{batch.number} {batch.created} {batch.replayed}\n")
        sys.stdout.flush()

    with HospitalClient(endpoint, key_id, secret) as client:
        sessions = (Schedule(f"k{number}", "11", day, "AM", 20, "9.67") for number in range(count))
        client.push_schedules(sessions, run="night", batch_size=batch_size, on_batch=say)


if __name__ == "__main__":
    main()
