"""Giving up the pictures of requests some days after they were decided: they have served their purpose."""

from datetime import datetime, timedelta

from datasources.sql.audit_entry import AuditLog
from datasources.sql.database import Database
from datasources.sql.stored_file import FileOwner, OwnerKind, StoredFiles
from datasources.sql.user_account import UserAccounts
from datasources.sql.verification_request import VerificationRequests
from domain.audit.actor import Actor
from domain.verification.identity import used_by

MOST_PER_RUN = 200


async def delete_originals(database: Database, now: datetime, kept: timedelta) -> int:
    """Give up the pictures of requests decided longer ago than `kept`; of how many requests.

    Each request is a transaction of its own: whoever dies half way leaves a request whole, and a second run at the
    same time finds it done. The files' own job then drops their objects.
    """
    given_up = 0
    for _ in range(MOST_PER_RUN):
        async with database.read() as session:
            due = await VerificationRequests(session).next_with_originals(now - kept)
        if due is None:
            break
        async with database.unit_of_work() as session:
            await UserAccounts(session).lock(due.user_id)
            done = await VerificationRequests(session).give_up_originals(due.id, now)
            if done is None:
                continue
            files = StoredFiles(session)
            await files.release_from_use(used_by(done.id))
            for id in (done.front_file_id, done.back_file_id):
                if id is not None:
                    # One that a later request uses stays as long as that needs it.
                    await files.delete(id, now, owner=FileOwner(OwnerKind.USER, done.user_id))
            actor = Actor.system("delete_verification_pictures", now)
            detail = {"request": str(done.id)}
            await AuditLog(session).append(
                actor.act("VERIFICATION_PICTURES_DELETED", "user", done.user_id, detail=detail)
            )
            given_up += 1
    return given_up
