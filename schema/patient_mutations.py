"""What owners change of their patients."""

from collections.abc import Awaitable
from typing import Annotated, TypeVar

import strawberry

from domain.global_id import NodeKind, global_id
from resolvers import patients
from schema.binding import Context, mutates, of
from schema.patient import Patient
from schema.patient_inputs import AddPatientInput, RemovePatientInput, UpdatePatientInput
from schema.patient_problems import ConsentNeeded, PatientHasLiveOrders, TooManyPatients
from schema.permissions import IsUser
from schema.problems import InvalidInput, NotFound


@strawberry.type(description="The patient was added.")
class PatientAdded:
    patient: Patient = strawberry.field(description="The patient, masked.")

    @classmethod
    def is_type_of(cls, value: object, info: Context) -> bool:
        return isinstance(value, patients.PatientAdded)


@strawberry.type(description="The patient's details were changed.")
class PatientUpdated:
    patient: Patient = strawberry.field(description="The patient as they now are, masked.")

    @classmethod
    def is_type_of(cls, value: object, info: Context) -> bool:
        return isinstance(value, patients.PatientUpdated)


@strawberry.type(description="The patient was removed, and what identified them was erased.")
class PatientRemoved:
    patient_id: strawberry.ID = strawberry.field(
        resolver=of(lambda removed: global_id(NodeKind.PATIENT, removed.patient_id)),
        description="The id that the patient had.",
    )

    @classmethod
    def is_type_of(cls, value: object, info: Context) -> bool:
        return isinstance(value, patients.PatientRemoved)


AddPatientResult = Annotated[
    PatientAdded | InvalidInput | TooManyPatients | ConsentNeeded,
    strawberry.union("AddPatientResult", description="What became of the new patient."),
]
UpdatePatientResult = Annotated[
    PatientUpdated | InvalidInput | NotFound | PatientHasLiveOrders | ConsentNeeded,
    strawberry.union("UpdatePatientResult", description="What became of the changes."),
]
RemovePatientResult = Annotated[
    PatientRemoved | InvalidInput | NotFound | PatientHasLiveOrders,
    strawberry.union("RemovePatientResult", description="What became of the removal."),
]

T = TypeVar("T")
Sent = Annotated[T, strawberry.argument(description="Whom it is about, and what to do.")]


@strawberry.type
class PatientMutation:
    @mutates(
        AddPatientResult,
        "Add a patient to the caller's account: at most six, each certificate once. Needs the owner's consent to the "
        "handling of health data.",
        only=IsUser,
    )
    def add_patient(self, info: Context, input: Sent[AddPatientInput]) -> Awaitable[patients.AddAnswer]:
        return patients.add_patient(info.context, input.given())

    @mutates(UpdatePatientResult, "Change details of one of the caller's patients.", only=IsUser)
    def update_patient(self, info: Context, input: Sent[UpdatePatientInput]) -> Awaitable[patients.UpdateAnswer]:
        return patients.update_patient(info.context, str(input.id), input.changes())

    @mutates(
        RemovePatientResult,
        "Remove one of the caller's patients; what identifies them is erased for good.",
        only=IsUser,
    )
    def remove_patient(self, info: Context, input: Sent[RemovePatientInput]) -> Awaitable[patients.RemoveAnswer]:
        return patients.remove_patient(info.context, str(input.id))
