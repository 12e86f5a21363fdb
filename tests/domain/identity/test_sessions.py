"""Sessions: rotated by one tab at a time, ended for both when a token is copied, and at once when the account is."""

import asyncio
import secrets
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import col, select, update

from datasources.sealing import KeyRing
from datasources.sql.audit_entry import AuditEntry
from datasources.sql.sign_in_session import EndReason, SignInSession
from datasources.sql.staff_account import StaffAccount
from datasources.sql.user_account import UserAccount, UserStatus
from datasources.stores import Stores
from domain.callers import SignedInUser, StaffMember
from domain.identity.accounts import Account, AccountKind, Origin
from domain.identity.sessions import (
    GRACE,
    IDLE_LIFETIME,
    SessionBusy,
    SessionEnded,
    Tokens,
    caller_of,
    end_all_sessions,
    end_session,
    end_session_of_token,
    refresh_session,
    start_session,
)
from domain.permissions import Permission, Role, granted
from domain.refusals import Refusal, RefusalCode

RING = KeyRing.of(bytes(range(32)))
NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
LATER = NOW + GRACE + timedelta(seconds=1)


async def new_user(stores: Stores) -> Account:
    id = uuid.uuid4()
    async with stores.sql.unit_of_work() as session:
        session.add(UserAccount(id=id))
    return Account.of_user(id)


async def new_staff(stores: Stores, *roles: str) -> Account:
    id = uuid.uuid4()
    async with stores.sql.unit_of_work() as session:
        session.add(StaffAccount(id=id, sign_in_name=secrets.token_hex(8), password_hash="", roles=list(roles)))
    return Account.of_staff(id)


async def started(stores: Stores, account: Account, at: datetime = NOW) -> Tokens:
    async with stores.sql.unit_of_work() as session:
        return await start_session(session, RING, account, Origin(at, address="192.0.2.1", device="a phone"))


async def refreshed(stores: Stores, tokens: Tokens, at: datetime) -> Tokens | SessionBusy | SessionEnded:
    async with stores.sql.unit_of_work() as session:
        token = tokens.refresh_token.get_secret_value()
        return await refresh_session(session, RING, tokens.account.kind, token, Origin(at))


async def caller(stores: Stores, tokens: Tokens, at: datetime = NOW) -> SignedInUser | StaffMember:
    return await caller_of(stores.sql, RING, tokens.access_token.get_secret_value(), at)


async def refusal(stores: Stores, tokens: Tokens, at: datetime = NOW) -> RefusalCode:
    with pytest.raises(Refusal) as caught:
        await caller(stores, tokens, at)
    return caught.value.code


async def acts_on(stores: Stores, account: Account) -> list[str]:
    async with stores.sql.read() as session:
        found = await session.exec(
            select(AuditEntry.action).where(col(AuditEntry.subject_id) == str(account.id)).order_by(col(AuditEntry.id))
        )
        return list(found.all())


async def test_a_users_token_names_the_user_and_the_session(stores: Stores) -> None:
    tokens = await started(stores, await new_user(stores))
    assert await caller(stores, tokens) == SignedInUser(tokens.account.id, tokens.session_id)
    assert await acts_on(stores, tokens.account) == ["SIGN_IN"]


async def test_a_staff_members_permissions_are_those_of_the_roles_at_this_moment(stores: Stores) -> None:
    tokens = await started(stores, await new_staff(stores, "REVIEWER", "A_ROLE_OF_A_LATER_VERSION"))
    member = await caller(stores, tokens)
    assert isinstance(member, StaffMember)
    assert member.permissions == granted([Role.REVIEWER])
    assert Permission.REVIEW_VERIFICATIONS in member.permissions
    async with stores.sql.unit_of_work() as session:
        await session.exec(update(StaffAccount).where(col(StaffAccount.id) == tokens.account.id).values(roles=[]))
    member = await caller(stores, tokens)
    assert isinstance(member, StaffMember)
    assert member.permissions == frozenset()


async def test_an_access_token_lasts_a_quarter_of_an_hour(stores: Stores) -> None:
    tokens = await started(stores, await new_user(stores))
    await caller(stores, tokens, NOW + timedelta(minutes=14, seconds=59))
    assert await refusal(stores, tokens, NOW + timedelta(minutes=15)) is RefusalCode.TOKEN_EXPIRED


async def test_a_refresh_gives_new_tokens_of_the_same_session(stores: Stores) -> None:
    first = await started(stores, await new_user(stores))
    second = await refreshed(stores, first, LATER)
    assert isinstance(second, Tokens)
    assert (second.account, second.session_id) == (first.account, first.session_id)
    third = await refreshed(stores, second, LATER)
    assert isinstance(third, Tokens)
    assert await caller(stores, third, LATER)


async def test_of_tabs_that_refresh_at_once_one_wins_and_nobody_is_signed_out(stores: Stores) -> None:
    first = await started(stores, await new_user(stores))
    answers = await asyncio.gather(*(refreshed(stores, first, LATER) for _ in range(12)))
    won = [each for each in answers if isinstance(each, Tokens)]
    assert len(won) == 1
    assert answers.count(SessionBusy()) == 11
    assert isinstance(await refreshed(stores, won[0], LATER), Tokens)


async def test_a_replaced_token_used_after_the_grace_ends_the_session_for_both(stores: Stores) -> None:
    first = await started(stores, await new_user(stores))
    second = await refreshed(stores, first, NOW)
    assert isinstance(second, Tokens)
    assert isinstance(await refreshed(stores, first, NOW + GRACE), SessionBusy)
    assert isinstance(await refreshed(stores, first, LATER), SessionEnded)
    assert isinstance(await refreshed(stores, second, LATER), SessionEnded)
    assert await refusal(stores, second) is RefusalCode.SESSION_ENDED
    async with stores.sql.read() as session:
        row = await session.get(SignInSession, first.session_id)
    assert row is not None
    assert row.end_reason == EndReason.REFRESH_REUSED
    assert await acts_on(stores, first.account) == ["SIGN_IN", "SESSION_ENDED"]


async def test_a_token_from_before_the_last_rotation_ends_the_session_even_within_the_grace(stores: Stores) -> None:
    first = await started(stores, await new_user(stores))
    second = await refreshed(stores, first, NOW)
    assert isinstance(second, Tokens)
    third = await refreshed(stores, second, NOW)
    assert isinstance(third, Tokens)
    assert isinstance(await refreshed(stores, first, NOW), SessionEnded)
    assert isinstance(await refreshed(stores, third, NOW), SessionEnded)


async def test_an_invented_token_ends_nobodys_session(stores: Stores) -> None:
    tokens = await started(stores, await new_user(stores))
    real = tokens.refresh_token.get_secret_value()
    async with stores.sql.unit_of_work() as session:
        for invented in ("", "!", real[:-4] + "AAAA", "A" * len(real), real + "A"):
            answer = await refresh_session(session, RING, AccountKind.USER, invented, Origin(LATER))
            assert isinstance(answer, SessionEnded), invented
    assert isinstance(await refreshed(stores, tokens, LATER), Tokens)


async def test_a_users_token_does_not_refresh_a_staff_members_session(stores: Stores) -> None:
    tokens = await started(stores, await new_user(stores))
    async with stores.sql.unit_of_work() as session:
        token = tokens.refresh_token.get_secret_value()
        answer = await refresh_session(session, RING, AccountKind.STAFF, token, Origin(LATER))
        assert isinstance(answer, SessionEnded)
        assert not await end_session_of_token(session, RING, AccountKind.STAFF, token, Origin(LATER))
    assert isinstance(await refreshed(stores, tokens, LATER), Tokens)


async def test_a_session_that_is_not_refreshed_expires(stores: Stores) -> None:
    tokens = await started(stores, await new_user(stores))
    assert isinstance(await refreshed(stores, tokens, NOW + IDLE_LIFETIME), SessionEnded)
    again = await refreshed(stores, tokens, NOW + IDLE_LIFETIME - timedelta(seconds=1))
    assert isinstance(again, Tokens)


@pytest.mark.parametrize("status", [UserStatus.LOCKED, UserStatus.DELETED])
async def test_a_locked_accounts_tokens_are_refused_at_once(stores: Stores, status: UserStatus) -> None:
    tokens = await started(stores, await new_user(stores))
    async with stores.sql.unit_of_work() as session:
        await session.exec(update(UserAccount).where(col(UserAccount.id) == tokens.account.id).values(status=status))
    assert await refusal(stores, tokens) is RefusalCode.SESSION_ENDED
    assert isinstance(await refreshed(stores, tokens, LATER), SessionEnded)


async def test_a_locked_staff_members_token_is_refused_at_once(stores: Stores) -> None:
    tokens = await started(stores, await new_staff(stores, "REVIEWER"))
    async with stores.sql.unit_of_work() as session:
        await session.exec(
            update(StaffAccount).where(col(StaffAccount.id) == tokens.account.id).values(status="LOCKED")
        )
    assert await refusal(stores, tokens) is RefusalCode.SESSION_ENDED
    assert isinstance(await refreshed(stores, tokens, LATER), SessionEnded)


async def test_only_the_owner_can_end_a_session(stores: Stores) -> None:
    tokens = await started(stores, await new_user(stores))
    stranger = await new_user(stores)
    reason = EndReason.SIGNED_OUT
    async with stores.sql.unit_of_work() as session:
        assert not await end_session(session, stranger, tokens.session_id, reason, Origin(NOW))
        other_kind = Account.of_staff(tokens.account.id)
        assert not await end_session(session, other_kind, tokens.session_id, reason, Origin(NOW))
    assert await caller(stores, tokens)
    async with stores.sql.unit_of_work() as session:
        assert await end_session(session, tokens.account, tokens.session_id, reason, Origin(NOW))
        assert not await end_session(session, tokens.account, tokens.session_id, reason, Origin(NOW))
    assert await refusal(stores, tokens) is RefusalCode.SESSION_ENDED


async def test_all_sessions_end_but_the_one_that_is_spared(stores: Stores) -> None:
    account = await new_user(stores)
    first, second, third = [await started(stores, account) for _ in range(3)]
    bystander = await started(stores, await new_user(stores))
    async with stores.sql.unit_of_work() as session:
        reason = EndReason.SIGNED_OUT_EVERYWHERE
        ended = await end_all_sessions(session, account, reason, Origin(NOW), except_session=second.session_id)
    assert ended == 2
    for tokens in first, third:
        assert await refusal(stores, tokens) is RefusalCode.SESSION_ENDED
    for tokens in second, bystander:
        assert await caller(stores, tokens)


async def test_who_ended_the_sessions_stands_in_the_audit_log(stores: Stores) -> None:
    tokens = await started(stores, await new_user(stores))
    administrator = await new_staff(stores, "OPERATOR")
    async with stores.sql.unit_of_work() as session:
        await end_all_sessions(session, tokens.account, EndReason.ACCOUNT_LOCKED, Origin(NOW), by=administrator)
    async with stores.sql.read() as session:
        entry = (
            await session.exec(
                select(AuditEntry).where(
                    col(AuditEntry.subject_id) == str(tokens.account.id), col(AuditEntry.action) == "SESSION_ENDED"
                )
            )
        ).one()
    assert (entry.actor_kind, entry.actor_id) == ("staff", str(administrator.id))
    assert entry.detail == {"reason": "ACCOUNT_LOCKED", "sessions": [str(tokens.session_id)]}
