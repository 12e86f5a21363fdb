"""`revealPatient`: the only field that answers what identifies a patient in clear."""

from collections.abc import Awaitable
from typing import Annotated

import strawberry

from domain.patients.details import Contact, PatientDetails
from domain.patients.views import ClearPatient
from resolvers import reveals
from schema.binding import Context, mutates, of
from schema.patient import Patient
from schema.patient_problems import TooManyReveals
from schema.permissions import IsUser
from schema.problems import InvalidInput, NotFound
from schema.sign_in import LoginCodeSent
from schema.sign_in_problems import SessionEnded, TooManyCodes, TooManyTries, WrongCode


def _number(clear: ClearPatient) -> str:
    return clear.details.certificate.number


def _contact(clear: ClearPatient) -> Contact | None:
    return clear.details.emergency_contact


def _details(clear: ClearPatient) -> PatientDetails:
    return clear.details


@strawberry.type(description="Whom to call, in clear.")
class ClearContact:
    name: str = strawberry.field(description="Name.")
    phone: str = strawberry.field(description="Phone in E.164: `+8613800001234`.")


@strawberry.type(description="A guardian, in clear.")
class ClearGuardian:
    name: str = strawberry.field(description="Name.")
    certificate_kind: str = strawberry.field(description="Kind of certificate, a value of CertificatesType.")
    certificate_number: str = strawberry.field(description="The certificate's number.")
    phone: str = strawberry.field(description="Phone in E.164: `+8613800001234`.")


@strawberry.type(description="A patient's details in clear. That they were shown is recorded in the audit log.")
class PatientRevealed:
    patient: Patient = strawberry.field(description="The patient, masked as everywhere.")
    certificate_number: str = strawberry.field(resolver=of(_number), description="The certificate's number.")
    phone: str = strawberry.field(
        resolver=of(lambda clear: _details(clear).phone), description="Phone in E.164: `+8613800001234`."
    )
    card_number: str | None = strawberry.field(
        resolver=of(lambda clear: _details(clear).card_number), description="Number of the health card."
    )
    address: str | None = strawberry.field(
        resolver=of(lambda clear: _details(clear).address), description="The whole address."
    )
    emergency_contact: ClearContact | None = strawberry.field(resolver=of(_contact), description="Whom to call.")
    guardian: ClearGuardian | None = strawberry.field(
        resolver=of(lambda clear: _details(clear).guardian), description="The guardian of a patient under 14."
    )

    @classmethod
    def is_type_of(cls, value: object, info: Context) -> bool:
        return isinstance(value, ClearPatient)


RequestRevealCodeResult = Annotated[
    LoginCodeSent | NotFound | InvalidInput | TooManyCodes | SessionEnded,
    strawberry.union("RequestRevealCodeResult", description="What became of asking for a code."),
]
RevealPatientResult = Annotated[
    PatientRevealed | NotFound | TooManyReveals | WrongCode | TooManyTries | InvalidInput | SessionEnded,
    strawberry.union("RevealPatientResult", description="The details, or why they are not shown."),
]


@strawberry.input(description="For whom a code is asked.")
class RequestRevealCodeInput:
    id: strawberry.ID = strawberry.field(description="The patient who is to be shown.")


@strawberry.input(description="Whom to show, with the proof that the owner asks.")
class RevealPatientInput:
    id: strawberry.ID = strawberry.field(description="The patient's id.")
    challenge_id: str = strawberry.field(description="The `challengeId` that `requestRevealCode` answered.")
    code: str = strawberry.field(description="The six digits of the text message.")


@strawberry.type
class RevealMutation:
    @mutates(
        RequestRevealCodeResult,
        "Send a code to the caller's own phone, with which `revealPatient` shows a patient once.",
        only=IsUser,
    )
    def request_reveal_code(
        self,
        info: Context,
        input: Annotated[RequestRevealCodeInput, strawberry.argument(description="Whom it is about.")],
    ) -> Awaitable[reveals.CodeAnswer]:
        return reveals.request_code(info.context, str(input.id))

    @mutates(
        RevealPatientResult,
        "One of the caller's patients in clear, by a fresh code of `requestRevealCode`; ten times a day at most.",
        only=IsUser,
    )
    def reveal_patient(
        self,
        info: Context,
        input: Annotated[RevealPatientInput, strawberry.argument(description="Whom to show, and the proof.")],
    ) -> Awaitable[reveals.RevealAnswer]:
        return reveals.reveal(info.context, reveals.Reveal(str(input.id), input.challenge_id, input.code))
