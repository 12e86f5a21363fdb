"""Patients. What identifies somebody is masked on the server in every answer but `revealPatient`'s."""

from collections.abc import Awaitable
from datetime import date, datetime
from typing import Annotated

import strawberry

from datasources.sql.patient import Sex
from domain.global_id import NodeKind, global_id
from domain.patients.views import PatientView
from domain.permissions import Permission
from resolvers import booking_bans, nodes, patients
from schema.binding import Context, answers, described_enum, of, on
from schema.node import Node
from schema.permissions import IsUser, may

described_enum(
    Sex,
    "Sex as certificates state it (GB/T 2261.1).",
    {"MALE": "Male (男).", "FEMALE": "Female (女).", "UNSTATED": "Not stated (未说明)."},
)


@strawberry.type(description="Whom to call when something happens, masked.")
class EmergencyContact:
    name: str = strawberry.field(description="Masked name: `张*`.")
    phone: str = strawberry.field(description="Masked phone: `138****5678`.")


@strawberry.type(description="Who answers for a patient under 14, masked.")
class Guardian:
    name: str = strawberry.field(description="Masked name: `张*`.")
    certificate_kind: str = strawberry.field(description="Kind of certificate, a value of CertificatesType.")
    certificate_number: str = strawberry.field(description="Masked number: `110***********002X`.")
    phone: str = strawberry.field(description="Masked phone: `138****5678`.")


@strawberry.federation.type(
    keys=["id"],
    description="Somebody for whom an account's owner books (就诊人). Only the owner finds it by `node(id:)`.",
)
class Patient(Node):
    id: strawberry.ID = strawberry.field(
        resolver=of(lambda patient: global_id(NodeKind.PATIENT, patient.id)), description="Global, opaque id."
    )
    name: str = strawberry.field(description="The name: in clear for the owner, masked (`张*`) for staff.")
    certificate_kind: str = strawberry.field(
        description="Kind of certificate, a value of the dictionary's CertificatesType: `10` is a resident ID."
    )
    certificate_number: str = strawberry.field(description="Masked number: `110***********002X`.")
    check_at_desk: bool = strawberry.field(
        description="Whether no rule could judge the number, so the hospital's desk looks at the certificate."
    )
    sex: Sex = strawberry.field(description="Sex, as the certificate tells it where it does.")
    birth_date: date | None = strawberry.field(description="Birth date; null for staff, who see the age.")
    age: int = strawberry.field(description="Whole years today.")
    phone: str = strawberry.field(description="Masked phone: `138****5678`.")
    marital_status: str | None = strawberry.field(description="A value of the dictionary's MaritalStatus.")
    insurance_kind: str | None = strawberry.field(description="A value of the dictionary's InsuranceType.")
    card_number: str | None = strawberry.field(description="Masked number of the health card: the last four.")
    region_code: str | None = strawberry.field(description="Region of residence: GB/T 2260, six digits.")
    region_name: str | None = strawberry.field(
        resolver=on(patients.region_name), description="The region's full name: 北京市东城区."
    )
    address: str | None = strawberry.field(description="Address, masked below its district: 北京市东城区****.")
    emergency_contact: EmergencyContact | None = strawberry.field(description="Whom to call.")
    guardian: Guardian | None = strawberry.field(description="The guardian of a patient under 14.")
    banned_until: datetime | None = strawberry.field(
        resolver=on(booking_bans.banned_until),
        description="Until when the patient can't be booked for, after missed visits; null when nothing forbids it.",
    )
    created_at: datetime = strawberry.field(description="When the patient was added.")
    updated_at: datetime = strawberry.field(description="When the details last changed.")

    @classmethod
    def is_type_of(cls, value: object, info: Context) -> bool:
        return isinstance(value, PatientView)

    @classmethod
    async def resolve_reference(cls, info: Context, id: strawberry.ID) -> object | None:
        return await nodes.node_of_kind(info.context, str(id), NodeKind.PATIENT)


@strawberry.type
class PatientQuery:
    @answers(list[Patient], "The caller's own patients, in the order they were added; at most six.", only=IsUser)
    def my_patients(
        self,
        info: Context,
        text: Annotated[
            str | None,
            strawberry.argument(description="Part of the name, of its pinyin (`zhangsan`) or its initials (`zs`)."),
        ] = None,
    ) -> Awaitable[list[PatientView]]:
        return patients.my_patients(info.context, text)

    @answers(
        list[Patient],
        "An account's patients, masked, for staff. That they were looked at is recorded in the audit log.",
        only=may(Permission.READ_PATIENTS),
    )
    def patients_of_user(
        self, info: Context, user_id: Annotated[strawberry.ID, strawberry.argument(description="The account's id.")]
    ) -> Awaitable[list[PatientView]]:
        return patients.patients_of_user(info.context, str(user_id))
