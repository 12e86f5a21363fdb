"""Staff sign in with a name, a password and, where they have one, a second factor."""

from dataclasses import dataclass, field

from pydantic import SecretStr

from datasources.cache.sign_in_tries import SignInTries
from datasources.sealing import KeyRing
from datasources.sql.staff_account import StaffAccount, StaffAccounts, StaffStatus
from datasources.stores import Stores
from domain.audit.actor import Actor
from domain.identity.accounts import Account
from domain.identity.sessions import Tokens, start_session
from domain.problems import SecondFactorNeeded, SignInLocked, WrongPassword
from domain.staff.lock_out import FIRST_LOCK, LONGEST_LOCK, TRIES
from domain.staff.password_proof import Proof, give_back, prove_password, record_wrong_try
from domain.staff.passwords import is_password
from domain.staff.recovery_codes import code_hash
from domain.staff.totp import matching_step
from domain.staff.totp_secret import open_secret

ADDRESS_TRIES = 60
"""Wrong tries of one address in ADDRESS_SECONDS; a hospital's many staff may share one address."""
ADDRESS_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Credentials:
    """What somebody signs in with."""

    sign_in_name: str
    password: str = field(repr=False)
    totp_code: str | None = field(default=None, repr=False)
    recovery_code: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class StaffSignedIn:
    """A session was started."""

    staff: StaffAccount
    tokens: Tokens

    @property
    def access_token(self) -> SecretStr:
        """Goes into the answer."""
        return self.tokens.access_token


SignInAnswer = StaffSignedIn | SecondFactorNeeded | WrongPassword | SignInLocked


async def sign_in(stores: Stores, ring: KeyRing, credentials: Credentials, actor: Actor) -> SignInAnswer:
    """Start a session. Unknown names are answered as wrong passwords are: in words, in time and in being locked."""
    tries = SignInTries(stores.redis)
    wait = await tries.take(actor.address, most=ADDRESS_TRIES, seconds=ADDRESS_SECONDS)
    if wait is not None:
        return SignInLocked(wait)
    answer = await _sign_in(stores, ring, tries, credentials, actor)
    if not isinstance(answer, WrongPassword):
        await tries.give_back(actor.address)
    return answer


async def _sign_in(
    stores: Stores, ring: KeyRing, tries: SignInTries, credentials: Credentials, actor: Actor
) -> SignInAnswer:
    name = credentials.sign_in_name.strip()
    async with stores.sql.read() as session:
        id = await StaffAccounts(session).id_of(name)
    if id is None:
        return await _nobodys_name(ring, tries, name, credentials.password)
    proof = await prove_password(stores.sql, id, credentials.password, actor)
    if not isinstance(proof, Proof):
        return proof
    account = proof.account
    if account.status != StaffStatus.ACTIVE:
        await give_back(stores.sql, proof)
        return SignInLocked(None)
    if account.totp_confirmed_at is not None and not (credentials.totp_code or credentials.recovery_code):
        await give_back(stores.sql, proof)
        return SecondFactorNeeded()
    async with stores.sql.unit_of_work() as session:
        accounts = StaffAccounts(session)
        if await _second_factor_holds(accounts, ring, account, credentials, actor):
            # Between the proof and here the account may have been locked or given another password.
            if not await accounts.signed_in(account.id, account.password_hash, actor.now):
                return WrongPassword()
            tokens = await start_session(
                session, ring, Account.of_staff(account.id, account.hospital_code), actor.origin
            )
            return StaffSignedIn(account, tokens)
    await record_wrong_try(stores.sql, account, actor, "SECOND_FACTOR")
    return WrongPassword()


async def _nobodys_name(ring: KeyRing, tries: SignInTries, name: str, password: str) -> WrongPassword | SignInLocked:
    # People type passwords into the wrong box, so what was typed is not kept as it is.
    wait = await tries.miss(
        ring.blind_index("staff_account.sign_in_name", name.lower()).hex(),
        tries=TRIES,
        first_lock=int(FIRST_LOCK.total_seconds()),
        longest_lock=int(LONGEST_LOCK.total_seconds()),
    )
    if wait is not None:
        return SignInLocked(wait)
    await is_password(None, password)
    return WrongPassword()


async def _second_factor_holds(
    accounts: StaffAccounts, ring: KeyRing, account: StaffAccount, credentials: Credentials, actor: Actor
) -> bool:
    """Whether there is none, or the code given was good and is now used up."""
    if account.totp_confirmed_at is None or account.sealed_totp_secret is None:
        return True
    if credentials.totp_code:
        step = matching_step(open_secret(ring, account), credentials.totp_code, actor.now)
        return step is not None and await accounts.spend_totp_step(account.id, step)
    return await accounts.spend_recovery_code(account.id, code_hash(credentials.recovery_code or ""))
