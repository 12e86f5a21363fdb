"""A fresh code to the caller's own phone, and its proof: for acts that a stolen session alone must not do."""

from uuid import UUID

from datasources.sql.user_account import UserAccounts
from domain.identity.login_codes import (
    CodePurpose,
    CodeSent,
    Proof,
    TooManyCodes,
    TooManyTries,
    WrongCode,
    prove_code,
    send_code,
)
from domain.identity.sessions import SessionEnded
from domain.identity.sign_in import phone_of
from resolvers.context import RequestContext
from resolvers.sign_in import desk_of


async def own_phone(context: RequestContext, user_id: UUID) -> str | None:
    """The caller's phone in clear; None once the account is gone."""
    async with context.stores.sql.read() as session:
        user = await UserAccounts(session).get(user_id)
    return None if user is None else phone_of(context.ring, user)


async def send_own_code(
    context: RequestContext, user_id: UUID, purpose: CodePurpose
) -> CodeSent | TooManyCodes | SessionEnded:
    """Send a code that is good for this one purpose."""
    phone = await own_phone(context, user_id)
    if phone is None:
        return SessionEnded()
    return await send_code(
        desk_of(context),
        phone,
        purpose,
        address=context.exchange.address,
        language=context.language,
        now=context.clock(),
    )


async def prove_own_code(
    context: RequestContext, phone: str, purpose: CodePurpose, proof: Proof
) -> WrongCode | TooManyTries | None:
    """None if the code is right; it is used up then."""
    return await prove_code(
        desk_of(context), phone, purpose, proof, address=context.exchange.address, now=context.clock()
    )
