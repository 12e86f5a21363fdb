"""Showing a patient in clear: the owner asks for a code by text message and sends it back with the request."""

from dataclasses import dataclass
from uuid import UUID

from datasources.sql.user_account import UserAccounts
from domain.identity.login_codes import (
    CodePurpose,
    CodeSent,
    TooManyCodes,
    TooManyTries,
    WrongCode,
    prove_code,
    send_code,
)
from domain.identity.sessions import SessionEnded
from domain.identity.sign_in import phone_of
from domain.patients.reveal import TooManyReveals, reveal_patient
from domain.patients.views import ClearPatient
from domain.problems import FieldProblem, InvalidInput, NotFound
from resolvers.context import RequestContext
from resolvers.patients import own_patient, owner_of, patient_id_of
from resolvers.sign_in import desk_of, proof_of

CodeAnswer = CodeSent | NotFound | TooManyCodes | InvalidInput | SessionEnded
RevealAnswer = ClearPatient | NotFound | TooManyReveals | WrongCode | TooManyTries | InvalidInput | SessionEnded


@dataclass(frozen=True, slots=True)
class Reveal:
    """Which patient, and the proof, as they came."""

    id: str
    challenge_id: str
    code: str


async def request_code(context: RequestContext, id: str) -> CodeAnswer:
    """Send a code for this one purpose to the caller's own phone, if the patient is the caller's."""
    if await own_patient(context, str(patient_id_of(id) or "")) is None:
        return NotFound()
    phone = await _own_phone(context, owner_of(context).user_id)
    if phone is None:
        return SessionEnded()
    return await send_code(
        desk_of(context),
        phone,
        CodePurpose.REVEAL,
        address=context.exchange.address,
        language=context.language,
        now=context.clock(),
    )


async def reveal(context: RequestContext, given: Reveal) -> RevealAnswer:
    """One of the caller's patients in clear, once the code is right."""
    owner, patient_id = owner_of(context), patient_id_of(given.id)
    if patient_id is None:
        return NotFound()
    proof = proof_of(given.challenge_id, given.code)
    if isinstance(proof, FieldProblem):
        return InvalidInput([proof])
    phone = await _own_phone(context, owner.user_id)
    if phone is None:
        return SessionEnded()

    async def prove() -> WrongCode | TooManyTries | None:
        return await prove_code(
            desk_of(context),
            phone,
            CodePurpose.REVEAL,
            proof,
            address=context.exchange.address,
            now=context.clock(),
        )

    return await reveal_patient(context.stores, context.ring, owner, patient_id, prove)


async def _own_phone(context: RequestContext, user_id: UUID) -> str | None:
    async with context.stores.sql.read() as session:
        user = await UserAccounts(session).get(user_id)
    return None if user is None else phone_of(context.ring, user)
