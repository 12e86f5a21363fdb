"""Showing a patient in clear: the owner asks for a code by text message and sends it back with the request."""

from dataclasses import dataclass
from functools import partial

from domain.identity.login_codes import CodePurpose, CodeSent, TooManyCodes, TooManyTries, WrongCode
from domain.identity.sessions import SessionEnded
from domain.patients.reveal import TooManyReveals, reveal_patient
from domain.patients.views import ClearPatient
from domain.problems import FieldProblem, InvalidInput, NotFound
from resolvers.context import RequestContext
from resolvers.own_phone import own_phone, prove_own_code, send_own_code
from resolvers.patients import own_patient, owner_of, patient_id_of
from resolvers.sign_in import proof_of

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
    return await send_own_code(context, owner_of(context).user_id, CodePurpose.REVEAL)


async def reveal(context: RequestContext, given: Reveal) -> RevealAnswer:
    """One of the caller's patients in clear, once the code is right."""
    owner, patient_id = owner_of(context), patient_id_of(given.id)
    if patient_id is None:
        return NotFound()
    proof = proof_of(given.challenge_id, given.code)
    if isinstance(proof, FieldProblem):
        return InvalidInput([proof])
    phone = await own_phone(context, owner.user_id)
    if phone is None:
        return SessionEnded()
    prove = partial(prove_own_code, context, phone, CodePurpose.REVEAL, proof)
    return await reveal_patient(context.stores, context.ring, owner, patient_id, prove)
