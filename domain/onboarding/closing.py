"""Closing applications that were rejected and never corrected: what was handed in has served its purpose."""

from datetime import datetime, timedelta

from datasources.sql.audit_entry import AuditLog
from datasources.sql.database import Database
from datasources.sql.hospital_application import ApplicationState, HospitalApplications
from datasources.sql.hospital_application_reads import HospitalApplicationReads
from datasources.sql.stored_file import FileOwner, OwnerKind, StoredFiles
from domain.audit.actor import Actor
from domain.onboarding.applying import used_by

MOST_PER_RUN = 200


async def close_stale_applications(database: Database, now: datetime, kept: timedelta) -> int:
    """Withdraw applications rejected longer ago than `kept`, with their contact persons and licences; how many.

    Each is a transaction of its own: whoever dies half way leaves one whole, and a second run at the same time finds it
    done. The files' own job then drops their objects.
    """
    closed = 0
    for _ in range(MOST_PER_RUN):
        async with database.read() as session:
            due = await HospitalApplicationReads(session).next_rejected(now - kept)
        if due is None:
            break
        async with database.unit_of_work() as session:
            # It may have been corrected since it was found.
            due = await HospitalApplicationReads(session).by_id(due.id, for_change=True) or due
            if due.state != ApplicationState.REJECTED:
                continue
            licences = list(due.licence_file_ids)
            await HospitalApplications(session).withdraw(due.id, due.user_id)
            files = StoredFiles(session)
            await files.release_from_use(used_by(due.id))
            for id in licences:
                await files.delete(id, now, owner=FileOwner(OwnerKind.USER, due.user_id))
            actor = Actor.system("close_stale_applications", now)
            await AuditLog(session).append(actor.act("HOSPITAL_APPLICATION_CLOSED", "hospital_application", due.id))
            closed += 1
    return closed
