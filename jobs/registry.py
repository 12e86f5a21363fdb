"""Every job of the worker. A job is an async function of `JobTools`; `server/worker.py` hands it to arq.

A periodic job runs on one worker at a time point however many workers there are. It may still run twice (a worker
dies half way, clocks differ), and a run may be missed, so it looks for work in the stores and is idempotent.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from domain.booking.follow_up import CANCEL_WITHDRAWN, LAPSE_ORDER
from domain.exports.request import MAKE_REQUESTED
from domain.payments.follow_up import RECONCILE_DAY, RUN_REFUNDS
from domain.sms.dispatch import SEND_DUE
from jobs.audit_watch import watch_audit_log
from jobs.booking import (
    cancel_withdrawn_orders,
    complete_visits,
    forget_calls,
    lapse_one_order,
    lapse_orders,
    mark_no_shows,
    tell_of_session_changes,
)
from jobs.booking_invariant import watch_bookings
from jobs.catalogue_relay import forget_pushes, relay_catalogue
from jobs.data_exports import expire_data_exports, make_data_exports
from jobs.erase_accounts import erase_accounts
from jobs.file_inspection import settle_files
from jobs.hospital_applications import close_stale_applications
from jobs.hospital_events import deliver_hospital_events, forget_hospital_events
from jobs.key_rotation import continue_key_rotation
from jobs.messages import forget_messages, relay_messages, send_reminders, write_broadcasts
from jobs.operations import tend_job_runs
from jobs.payments import forget_refused_notices, look_at_payments, reconcile, reconcile_one_day, run_refunds
from jobs.sms import forget_sms, send_due_sms, tend_sms
from jobs.tools import JobTools
from jobs.unused_pictures import delete_unused_pictures
from jobs.verification_pictures import delete_verification_pictures
from jobs.waitlist import serve_waitlists


@dataclass(frozen=True, slots=True)
class PeriodicJob:
    """A job that runs by the clock."""

    name: str
    work: Callable[[JobTools], Awaitable[None]]
    at_seconds: frozenset[int]
    """The seconds of each minute at which it runs."""
    longest_seconds: float = 60.0
    """A run that takes longer is cancelled."""


@dataclass(frozen=True, slots=True)
class QueuedJob:
    """A job that is handed to the worker by `datasources/queue.py`. A periodic one does the same, should it be lost."""

    name: str
    work: Callable[..., Awaitable[None]]
    """Takes the tools, and the texts that it was handed over with."""
    longest_seconds: float = 60.0


def every_seconds(step: int) -> frozenset[int]:
    """The seconds of a minute that are this far apart."""
    return frozenset(range(0, 60, step))


PERIODIC_JOBS: tuple[PeriodicJob, ...] = (
    PeriodicJob(name="relay_catalogue", work=relay_catalogue, at_seconds=every_seconds(5)),
    PeriodicJob(name="relay_messages", work=relay_messages, at_seconds=every_seconds(2), longest_seconds=300.0),
    PeriodicJob(name="send_reminders", work=send_reminders, at_seconds=every_seconds(30)),
    PeriodicJob(name="write_broadcasts", work=write_broadcasts, at_seconds=every_seconds(2)),
    PeriodicJob(name="forget_messages", work=forget_messages, at_seconds=frozenset({45})),
    PeriodicJob(name="lapse_orders", work=lapse_orders, at_seconds=every_seconds(5)),
    PeriodicJob(name="serve_waitlists", work=serve_waitlists, at_seconds=every_seconds(5)),
    PeriodicJob(name="cancel_withdrawn_orders", work=cancel_withdrawn_orders, at_seconds=every_seconds(5)),
    PeriodicJob(name="tell_of_session_changes", work=tell_of_session_changes, at_seconds=every_seconds(5)),
    PeriodicJob(name="look_at_payments", work=look_at_payments, at_seconds=every_seconds(5), longest_seconds=120.0),
    PeriodicJob(name="run_refunds", work=run_refunds, at_seconds=every_seconds(10), longest_seconds=120.0),
    PeriodicJob(name="reconcile", work=reconcile, at_seconds=frozenset({50}), longest_seconds=600.0),
    PeriodicJob(name="forget_refused_notices", work=forget_refused_notices, at_seconds=frozenset({35})),
    PeriodicJob(name="tend_sms", work=tend_sms, at_seconds=every_seconds(5)),
    PeriodicJob(name="forget_sms", work=forget_sms, at_seconds=frozenset({35})),
    PeriodicJob(name="mark_no_shows", work=mark_no_shows, at_seconds=frozenset({10})),
    PeriodicJob(name="complete_visits", work=complete_visits, at_seconds=frozenset({15})),
    PeriodicJob(name="watch_bookings", work=watch_bookings, at_seconds=frozenset({25}), longest_seconds=900.0),
    PeriodicJob(name="forget_calls", work=forget_calls, at_seconds=frozenset({55})),
    PeriodicJob(
        name="deliver_hospital_events",
        work=deliver_hospital_events,
        at_seconds=every_seconds(2),
        longest_seconds=240.0,
    ),
    PeriodicJob(name="forget_hospital_events", work=forget_hospital_events, at_seconds=frozenset({35})),
    PeriodicJob(name="tend_job_runs", work=tend_job_runs, at_seconds=every_seconds(30)),
    PeriodicJob(name="forget_pushes", work=forget_pushes, at_seconds=frozenset({30})),
    PeriodicJob(name="continue_key_rotation", work=continue_key_rotation, at_seconds=frozenset({20})),
    PeriodicJob(name="erase_accounts", work=erase_accounts, at_seconds=frozenset({40})),
    PeriodicJob(name="watch_audit_log", work=watch_audit_log, at_seconds=frozenset({55}), longest_seconds=540.0),
    PeriodicJob(name="make_data_exports", work=make_data_exports, at_seconds=every_seconds(15), longest_seconds=900.0),
    PeriodicJob(name="expire_data_exports", work=expire_data_exports, at_seconds=frozenset({45})),
    PeriodicJob(name="delete_verification_pictures", work=delete_verification_pictures, at_seconds=frozenset({50})),
    PeriodicJob(name="close_stale_applications", work=close_stale_applications, at_seconds=frozenset({25})),
    PeriodicJob(name="delete_unused_pictures", work=delete_unused_pictures, at_seconds=frozenset({20})),
    PeriodicJob(name="settle_files", work=settle_files, at_seconds=frozenset({5, 35}), longest_seconds=120.0),
)

QUEUED_JOBS: tuple[QueuedJob, ...] = (
    QueuedJob(name=LAPSE_ORDER, work=lapse_one_order),
    QueuedJob(name=CANCEL_WITHDRAWN, work=cancel_withdrawn_orders),
    QueuedJob(name=RUN_REFUNDS, work=run_refunds, longest_seconds=120.0),
    QueuedJob(name=RECONCILE_DAY, work=reconcile_one_day, longest_seconds=600.0),
    QueuedJob(name=SEND_DUE, work=send_due_sms),
    QueuedJob(name=MAKE_REQUESTED, work=make_data_exports, longest_seconds=900.0),
)
