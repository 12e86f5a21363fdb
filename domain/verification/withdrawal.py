"""What follows when somebody no longer consents to the handling of identity pictures: all of them go, at once.

A request that waits cannot be judged without them, so it is withdrawn and forgets whom it named. An account that is
verified stays so: that was lawful, and its name and number rest on no consent to pictures.
"""

from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.stored_file import FileOwner, FilePurpose, OwnerKind, StoredFiles
from datasources.sql.user_account import UserAccounts, Verification
from datasources.sql.verification_request import VerificationRequests


async def give_up_pictures(session: AsyncSession, user_id: UUID, now: datetime) -> UUID | None:
    """Withdraw the account's pending request, which is answered by its id, and delete its identity pictures, whatever
    needs them. Lock the account first."""
    requests = VerificationRequests(session)
    withdrawn = await requests.withdraw(user_id, now)
    if withdrawn is not None:
        await UserAccounts(session).change_verification(user_id, Verification.NONE, from_states=(Verification.PENDING,))
    await requests.give_up_originals_of(user_id, now)
    owner = FileOwner(OwnerKind.USER, user_id)
    await StoredFiles(session).delete_all_of(owner, now, purpose=FilePurpose.IDENTITY_PICTURE)
    return None if withdrawn is None else withdrawn.id
