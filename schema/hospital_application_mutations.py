"""How a hospital's application is handed in, looked into and decided, and how the hospital is taken up."""

from collections.abc import Awaitable
from typing import Annotated, TypeVar

import strawberry

from domain.files.links import FileLink as FileLinkRecord
from domain.onboarding.taking_up import TakeUpAnswer
from domain.permissions import Permission
from domain.problems import NotFound as NotFoundRecord
from resolvers import hospital_applications as resolve
from resolvers.hospital_applications import TypedHospital
from schema.binding import Context, mutates, of
from schema.file import FileLink
from schema.hospital_application import HospitalApplication
from schema.onboarding_problems import (
    ApplicationNotChangeable,
    HospitalKnown,
    HospitalTakenUp,
    TooManyApplications,
    TooManyInvitations,
)
from schema.permissions import IsUser, may
from schema.problems import InvalidInput, NotFound, record_of
from schema.staff_invitation import StaffInvited

_AFTER = "The application as it now is."


@strawberry.type(description="The application was taken and waits for a reviewer.")
class HospitalApplied:
    application: HospitalApplication = strawberry.field(description=_AFTER)
    receipt_code: str = strawberry.field(
        resolver=of(lambda applied: applied.receipt_code.get_secret_value()),
        description="With the number, it shows how the application stands without signing in. Shown this once.",
    )

    is_type_of = record_of(resolve.Applied)


@strawberry.type(description="The corrected application was taken and waits for a reviewer.")
class HospitalApplicationResubmitted:
    application: HospitalApplication = strawberry.field(description=_AFTER)

    is_type_of = record_of(resolve.Resubmitted)


@strawberry.type(description="The application was taken back.")
class HospitalApplicationWithdrawn:
    application: HospitalApplication = strawberry.field(description=_AFTER)

    is_type_of = record_of(resolve.Withdrawn)


@strawberry.type(description="The hospital has an account, offline until its manager brings it online.")
class HospitalApplicationApproved:
    application: HospitalApplication = strawberry.field(description=_AFTER)

    is_type_of = record_of(resolve.Approved)


@strawberry.type(description="The applicant is told why.")
class HospitalApplicationRejected:
    application: HospitalApplication = strawberry.field(description=_AFTER)

    is_type_of = record_of(resolve.Rejected)


@strawberry.type(description="Who speaks for the hospital, in clear.")
class HospitalContactRevealed:
    application: HospitalApplication = strawberry.field(description="The application.")
    name: str = strawberry.field(description="The contact person's name.")
    phone: str = strawberry.field(description="Their phone, in E.164.")

    is_type_of = record_of(resolve.ContactRevealed)


@strawberry.input(description="What an application says of a hospital.")
class HospitalDetailsInput:
    name: str = strawberry.field(description="Its name as on its licence: 2 to 100 characters.")
    level: str = strawberry.field(description="Its level: `3A`, or 三级甲等.")
    region_code: str = strawberry.field(description="Its district: GB/T 2260, six digits.")
    address: str = strawberry.field(description="Its address within the district: 5 to 200 characters.")
    registration_number: str = strawberry.field(
        description="Of its licence to practise (医疗机构执业许可证登记号): 8 to 32 letters, digits or hyphens."
    )
    phone: str = strawberry.field(description="The hospital's own telephone number, with its area code.")
    contact_name: str = strawberry.field(description="Who speaks for the hospital: 2 to 50 characters.")
    contact_phone: str = strawberry.field(description="Their mainland mobile number.")
    api_base: str = strawberry.field(
        default="", description="Where the hospital's own system answers, an `https://` URL; for the reviewer alone."
    )
    licence_file_ids: list[strawberry.ID] = strawberry.field(
        description="Global ids of 1 to 6 READY files that the caller uploaded for HOSPITAL_LICENCE."
    )


@strawberry.input(description="The hospital that is to join.")
class ApplyToJoinInput:
    hospital: HospitalDetailsInput = strawberry.field(description="What is said of it.")


@strawberry.input(description="Which rejected application is handed in again, and what it says now.")
class ResubmitHospitalApplicationInput:
    application_id: strawberry.ID = strawberry.field(description="The application's id.")
    hospital: HospitalDetailsInput = strawberry.field(description="All of it, corrected.")


@strawberry.input(description="Which application it is about.")
class HospitalApplicationInput:
    application_id: strawberry.ID = strawberry.field(description="The application's id.")


@strawberry.input(description="Which application is approved.")
class ApproveHospitalApplicationInput:
    application_id: strawberry.ID = strawberry.field(description="The application's id.")
    hospital_code: str | None = strawberry.field(
        default=None,
        description="The code that the hospital gets on the platform, for good: 1 to 64 letters, digits, dots, hyphens "
        "or underscores. Without one, its registration number.",
    )


@strawberry.input(description="Which application is rejected, and why.")
class RejectHospitalApplicationInput:
    application_id: strawberry.ID = strawberry.field(description="The application's id.")
    reason: str = strawberry.field(description="What is to be corrected, in words for the applicant: 1 to 300.")


@strawberry.input(description="Which licence to see.")
class ViewHospitalLicenceInput:
    application_id: strawberry.ID = strawberry.field(description="The application's id.")
    file_id: strawberry.ID = strawberry.field(description="Global id of one of its licences.")


@strawberry.input(description="Whose contact to show, and why.")
class RevealHospitalContactInput:
    application_id: strawberry.ID = strawberry.field(description="The application's id.")
    reason: str = strawberry.field(description="Why, for the audit log: 1 to 200 characters.")


ApplyToJoinResult = Annotated[
    HospitalApplied | InvalidInput | HospitalKnown | TooManyApplications,
    strawberry.union("ApplyToJoinResult", description="What became of the application."),
]
ResubmitHospitalApplicationResult = Annotated[
    HospitalApplicationResubmitted
    | InvalidInput
    | NotFound
    | HospitalKnown
    | TooManyApplications
    | ApplicationNotChangeable,
    strawberry.union("ResubmitHospitalApplicationResult", description="What became of the application."),
]
WithdrawHospitalApplicationResult = Annotated[
    HospitalApplicationWithdrawn | InvalidInput | NotFound | ApplicationNotChangeable,
    strawberry.union("WithdrawHospitalApplicationResult", description="What became of the application."),
]
TakeUpHospitalResult = Annotated[
    StaffInvited | InvalidInput | NotFound | ApplicationNotChangeable | HospitalTakenUp | TooManyInvitations,
    strawberry.union("TakeUpHospitalResult", description="The first manager's link, or why there is none."),
]
ApproveHospitalApplicationResult = Annotated[
    HospitalApplicationApproved | InvalidInput | NotFound | ApplicationNotChangeable,
    strawberry.union("ApproveHospitalApplicationResult", description="What became of the decision."),
]
RejectHospitalApplicationResult = Annotated[
    HospitalApplicationRejected | InvalidInput | NotFound | ApplicationNotChangeable,
    strawberry.union("RejectHospitalApplicationResult", description="What became of the decision."),
]
ViewHospitalLicenceResult = Annotated[
    FileLink | InvalidInput | NotFound,
    strawberry.union("ViewHospitalLicenceResult", description="A link, or why there is none."),
]
RevealHospitalContactResult = Annotated[
    HospitalContactRevealed | InvalidInput | NotFound,
    strawberry.union("RevealHospitalContactResult", description="The contact, or why it is not shown."),
]

T = TypeVar("T")
Sent = Annotated[T, strawberry.argument(description="What it is about, and what to do.")]
_reviewers = may(Permission.EDIT_HOSPITALS)


@strawberry.type
class HospitalApplicationMutation:
    @mutates(
        ApplyToJoinResult,
        "Apply for a hospital to join. The caller's phone was proved by signing in. At most 3 applications wait at a "
        "time, and 5 are taken on a date; a registration number has one that waits or was approved.",
        only=IsUser,
    )
    def apply_to_join(self, info: Context, input: Sent[ApplyToJoinInput]) -> Awaitable[resolve.ApplyAnswer]:
        return resolve.apply(info.context, _typed(input.hospital))

    @mutates(
        ResubmitHospitalApplicationResult,
        "Hand a rejected application in again, corrected. Its number and receipt stay.",
        only=IsUser,
    )
    def resubmit_hospital_application(
        self, info: Context, input: Sent[ResubmitHospitalApplicationInput]
    ) -> Awaitable[resolve.ResubmitAnswer]:
        return resolve.resubmit(info.context, str(input.application_id), _typed(input.hospital))

    @mutates(
        WithdrawHospitalApplicationResult,
        "Take an application back that was not approved; its contact person is forgotten.",
        only=IsUser,
    )
    def withdraw_hospital_application(
        self, info: Context, input: Sent[HospitalApplicationInput]
    ) -> Awaitable[resolve.WithdrawAnswer]:
        return resolve.withdraw(info.context, str(input.application_id))

    @mutates(
        TakeUpHospitalResult,
        "Once the caller's application was approved: the link by which the hospital's first manager joins, the caller "
        "or whom they give it to. It is good for 72 hours; another call makes another and ends this one. Recorded.",
        only=IsUser,
    )
    def take_up_hospital(self, info: Context, input: Sent[HospitalApplicationInput]) -> Awaitable[TakeUpAnswer]:
        return resolve.take_up(info.context, str(input.application_id))

    @mutates(
        ApproveHospitalApplicationResult,
        "Approve an application: the hospital gets an account, and its applicant is told by SMS and in the app. No "
        "key and no password pass through the reviewer's hands. Recorded.",
        only=_reviewers,
    )
    def approve_hospital_application(
        self, info: Context, input: Sent[ApproveHospitalApplicationInput]
    ) -> Awaitable[resolve.ApproveAnswer]:
        return resolve.approve(info.context, str(input.application_id), input.hospital_code)

    @mutates(
        RejectHospitalApplicationResult,
        "Reject an application; its applicant is told why by SMS and in the app. Recorded.",
        only=_reviewers,
    )
    def reject_hospital_application(
        self, info: Context, input: Sent[RejectHospitalApplicationInput]
    ) -> Awaitable[resolve.RejectAnswer]:
        return resolve.reject(info.context, str(input.application_id), input.reason)

    @mutates(ViewHospitalLicenceResult, "A short-lived link to a licence. Recorded.", only=_reviewers)
    def view_hospital_licence(
        self, info: Context, input: Sent[ViewHospitalLicenceInput]
    ) -> Awaitable[FileLinkRecord | NotFoundRecord]:
        return resolve.view_licence(info.context, str(input.application_id), str(input.file_id))

    @mutates(
        RevealHospitalContactResult,
        "The contact person's name and phone in clear, to be called. Recorded with the reason.",
        only=_reviewers,
    )
    def reveal_hospital_contact(
        self, info: Context, input: Sent[RevealHospitalContactInput]
    ) -> Awaitable[resolve.RevealAnswer]:
        return resolve.reveal_contact(info.context, str(input.application_id), input.reason)


def _typed(given: HospitalDetailsInput) -> TypedHospital:
    return TypedHospital(
        given.name,
        given.level,
        given.region_code,
        given.address,
        given.registration_number,
        given.phone,
        given.contact_name,
        given.contact_phone,
        given.api_base,
        [str(id) for id in given.licence_file_ids],
    )
