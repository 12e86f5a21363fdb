"""What staff do to their own account: another password, a second factor. Each asks for the password again."""

from dataclasses import dataclass
from uuid import UUID

from pydantic import SecretStr

from datasources.sealing import KeyRing
from datasources.sql.audit_entry import AuditLog
from datasources.sql.sign_in_session import EndReason
from datasources.sql.staff_account import StaffAccount, StaffAccounts
from datasources.stores import Stores
from domain.audit.actor import Actor
from domain.callers import StaffMember
from domain.identity.accounts import Account
from domain.identity.sessions import end_all_sessions
from domain.language import Words
from domain.problems import FieldProblem, InvalidInput, ProblemCode, SignInLocked, WrongPassword
from domain.staff.password_policy import password_problem, unchanged_problem
from domain.staff.password_proof import Proof, give_back, prove_password
from domain.staff.passwords import password_hash
from domain.staff.recovery_codes import code_hash, new_codes
from domain.staff.totp import matching_step, new_secret, provisioning_uri, secret_text
from domain.staff.totp_secret import open_secret, seal_secret

_NOT_BEGUN = Words("请先用 beginTotp 取得密钥。", "Get a secret by beginTotp first.")
_ON_ALREADY = Words(
    "两步验证已开启；要更换请先用 disableTotp 关闭。", "It is on already; to change it, disable it first."
)
_WRONG_CODE = Words(
    "验证码不正确。请核对手机时间，再输入当前的六位数字。",
    "The code is wrong. Check the phone's clock and enter the six digits shown now.",
)

NotProved = WrongPassword | SignInLocked


@dataclass(frozen=True, slots=True)
class PasswordChanged:
    """The account's new password counts from now on."""

    staff: StaffAccount
    ended_sessions: int


@dataclass(frozen=True, slots=True)
class TotpBegun:
    """A secret that counts once a code of it has been shown to work. Shown once."""

    secret: str
    uri: str


@dataclass(frozen=True, slots=True)
class TotpConfirmed:
    """The second factor is on. The recovery codes are shown once."""

    staff: StaffAccount
    recovery_codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TotpDisabled:
    """The second factor is off."""

    staff: StaffAccount


async def change_password(
    stores: Stores, caller: StaffMember, current: SecretStr, new: SecretStr, actor: Actor
) -> PasswordChanged | NotProved | InvalidInput:
    """Replace the password and end every other session of the account."""
    proof = await _proved(stores, caller.staff_id, current, actor)
    if not isinstance(proof, Proof):
        return proof
    password = new.get_secret_value()
    problem = password_problem(password, proof.account.sign_in_name, "newPassword")
    if problem is None and password == current.get_secret_value():
        problem = unchanged_problem("newPassword")
    if problem is not None:
        return InvalidInput([problem])
    hashed = await password_hash(password)
    async with stores.sql.unit_of_work() as session:
        account = await _own(StaffAccounts(session), caller.staff_id)
        if account.password_hash != proof.account.password_hash:
            return WrongPassword()
        account.password_hash = hashed
        account.must_change_password = False
        ended = await end_all_sessions(
            session,
            Account.of_staff(account.id, account.hospital_code),
            EndReason.PASSWORD_CHANGED,
            actor.origin,
            except_session=caller.session_id,
        )
        await AuditLog(session).append(actor.act("STAFF_PASSWORD_CHANGED", "staff", account.id))
    return PasswordChanged(account, ended)


async def begin_totp(
    stores: Stores, ring: KeyRing, caller: StaffMember, password: SecretStr, actor: Actor
) -> TotpBegun | NotProved | InvalidInput:
    """Make a secret; it counts for nothing until it is confirmed. Beginning again replaces it."""
    proof = await _proved(stores, caller.staff_id, password, actor)
    if not isinstance(proof, Proof):
        return proof
    secret = new_secret()
    async with stores.sql.unit_of_work() as session:
        account = await _own(StaffAccounts(session), caller.staff_id)
        if account.totp_confirmed_at is not None:
            return _invalid("password", ProblemCode.DUPLICATE, _ON_ALREADY)
        account.sealed_totp_secret = seal_secret(ring, account.id, secret)
    return TotpBegun(secret_text(secret), provisioning_uri(secret, account.sign_in_name))


async def confirm_totp(
    stores: Stores, ring: KeyRing, caller: StaffMember, code: str, actor: Actor
) -> TotpConfirmed | InvalidInput:
    """Switch the second factor on by a first code, which is used up by it."""
    codes = new_codes()
    async with stores.sql.unit_of_work() as session:
        account = await StaffAccounts(session).locked(caller.staff_id)
        if account is None:
            return _invalid("code", ProblemCode.MISSING, _NOT_BEGUN)
        if account.totp_confirmed_at is not None:
            return _invalid("code", ProblemCode.DUPLICATE, _ON_ALREADY)
        if account.sealed_totp_secret is None:
            return _invalid("code", ProblemCode.MISSING, _NOT_BEGUN)
        step = matching_step(open_secret(ring, account), code, actor.now)
        if step is None:
            return _invalid("code", ProblemCode.MALFORMED, _WRONG_CODE)
        account.totp_confirmed_at = actor.now
        account.last_totp_step = step
        account.recovery_code_hashes = [code_hash(each) for each in codes]
        await AuditLog(session).append(actor.act("STAFF_TOTP_ENABLED", "staff", account.id))
    return TotpConfirmed(account, tuple(codes))


async def disable_totp(
    stores: Stores, caller: StaffMember, password: SecretStr, actor: Actor
) -> TotpDisabled | NotProved:
    """Switch the second factor off and forget its secret and recovery codes."""
    proof = await _proved(stores, caller.staff_id, password, actor)
    if not isinstance(proof, Proof):
        return proof
    async with stores.sql.unit_of_work() as session:
        account = await _own(StaffAccounts(session), caller.staff_id)
        forget_totp(account)
        await AuditLog(session).append(actor.act("STAFF_TOTP_DISABLED", "staff", account.id))
    return TotpDisabled(account)


def forget_totp(account: StaffAccount) -> None:
    """Leave the account with its password alone."""
    account.sealed_totp_secret = None
    account.totp_confirmed_at = None
    account.last_totp_step = None
    account.recovery_code_hashes = []


async def _proved(stores: Stores, id: UUID, password: SecretStr, actor: Actor) -> Proof | NotProved:
    """The right password. The try is given back rather than all forgotten: who only knows the password must not
    be able to try second factors without end."""
    proof = await prove_password(stores.sql, id, password.get_secret_value(), actor)
    if isinstance(proof, Proof):
        await give_back(stores.sql, proof)
    return proof


async def _own(accounts: StaffAccounts, id: UUID) -> StaffAccount:
    account = await accounts.locked(id)
    if account is None:
        raise LookupError(f"the signed-in staff account {id} is gone; accounts are never deleted")
    return account


def _invalid(field: str, code: ProblemCode, words: Words) -> InvalidInput:
    return InvalidInput([FieldProblem(field, code, words)])
