"""Deleting identity pictures that were uploaded and never handed in: nobody will look at them, so nobody keeps them."""

from datetime import datetime, timedelta

from datasources.sql.audit_entry import AuditLog
from datasources.sql.database import Database
from datasources.sql.stored_file import StoredFiles
from datasources.sql.user_account import UserAccounts
from datasources.sql.verification_reads import VerificationReads
from domain.audit.actor import Actor

MOST_PER_RUN = 200
JOB = "delete_unused_pictures"


async def delete_unused_pictures(database: Database, now: datetime, kept: timedelta) -> int:
    """Delete pictures uploaded longer ago than `kept` that no request shows; how many.

    Each is a transaction of its own, under the lock of its account, as handing in is: of the two at once the first
    wins, and a picture that was just handed in stays. The files' own job then drops their objects.
    """
    deleted = 0
    for _ in range(MOST_PER_RUN):
        async with database.read() as session:
            due = await VerificationReads(session).unused_picture(uploaded_before=now - kept)
        if due is None:
            break
        async with database.unit_of_work() as session:
            await UserAccounts(session).lock(due.owner_id)
            still_due = await VerificationReads(session).unused_picture(uploaded_before=now - kept, id=due.id)
            if still_due is None or not await StoredFiles(session).delete(due.id, now):
                continue
            actor = Actor.system(JOB, now)
            detail = {"file": str(due.id)}
            await AuditLog(session).append(actor.act("UNUSED_PICTURE_DELETED", "user", due.owner_id, detail=detail))
            deleted += 1
    return deleted
