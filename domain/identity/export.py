"""What an export of one's own data says about the account and where it was signed in."""

from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sealing import KeyRing
from datasources.sql.sign_in_session import Owner, SignInSessions
from datasources.sql.user_account import UserAccounts
from domain.global_id import NodeKind, global_id
from domain.identity.accounts import AccountKind
from domain.identity.sign_in import phone_of
from domain.verification.decision import ACCOUNTS_NAME

MOST_SESSIONS = 1_000


async def export_account(session: AsyncSession, ring: KeyRing, user_id: UUID) -> dict[str, Any]:
    """The account in clear. Raises ValueError if there is none."""
    user = await UserAccounts(session).get(user_id)
    if user is None:
        raise ValueError(f"there is no account {user_id}")
    name = user.sealed_name
    return {
        "id": global_id(NodeKind.USER, user.id),
        "phone": phone_of(ring, user),
        "nickname": user.nickname,
        "status": user.status,
        "verification": user.verification,
        "realName": None if name is None else ring.open(ACCOUNTS_NAME, str(user.id), name).get_secret_value().decode(),
        "weChat": {"openId": user.wechat_open_id, "unionId": user.wechat_union_id} if user.wechat_open_id else None,
        "createdAt": user.created_at,
        "lastSignedInAt": user.last_signed_in_at,
        "deleteAfter": user.delete_after,
    }


async def export_sessions(session: AsyncSession, _ring: KeyRing, user_id: UUID) -> list[dict[str, Any]]:
    """The latest sign-ins, ended ones too."""
    rows = await SignInSessions(session).every(Owner(AccountKind.USER, user_id), limit=MOST_SESSIONS)
    return [
        {
            "device": row.device,
            "address": row.address,
            "createdAt": row.created_at,
            "lastUsedAt": row.refreshed_at or row.created_at,
            "expiresAt": row.expires_at,
            "endedAt": row.ended_at,
            "endReason": row.end_reason,
        }
        for row in rows
    ]
