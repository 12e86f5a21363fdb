"""The demo: well-known public hospitals with invented doctors and sessions for the coming days."""

from collections.abc import Callable
from datetime import date

from datasources.stores import Stores
from server.demo.filling import DemoSummary, fill
from server.demo.hospitals import well_known_hospitals

__all__ = ["DemoSummary", "ensure_demo_data"]

_REPORT_EVERY_HOSPITALS = 10


async def ensure_demo_data(stores: Stores, today: date, report: Callable[[str], None]) -> DemoSummary:
    """Write the demo at the first start, and the sessions of new days at later ones; `today` in the platform's zone.

    What stands already is never touched, so this may run at every start, be killed, and run in several processes.
    `report` is given lines for people while there is something to do.
    """
    hospitals = well_known_hospitals()

    def tell(so_far: DemoSummary) -> None:
        if so_far.hospitals and so_far.hospitals % _REPORT_EVERY_HOSPITALS == 0:
            report(f"Demo data: {so_far.hospitals} of {len(hospitals)} hospitals, {so_far.sessions:,} sessions")

    summary = await fill(stores, hospitals, today, tell)
    if summary.sessions:
        report(
            f"Demo data: {summary.hospitals} hospitals, {summary.departments:,} departments, "
            f"{summary.doctors:,} doctors, {summary.sessions:,} sessions added"
        )
    return summary
