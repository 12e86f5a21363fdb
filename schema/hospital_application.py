"""A hospital's application to join: its applicant's, by its receipt, and the reviewers' queue."""

from collections.abc import Awaitable
from datetime import datetime
from typing import Annotated

import strawberry

from datasources.sql.hospital_application import ApplicationState
from datasources.sql.hospital_application_reads import ApplicationFilter
from domain.global_id import NodeKind, global_id
from domain.onboarding.receipt import ReceiptView
from domain.onboarding.views import ApplicationView
from domain.page import Page
from domain.permissions import Permission
from resolvers import hospital_applications
from schema import onboarding_problems as onboarding_problems
from schema.binding import After, Context, First, answers, of
from schema.connection import Connection
from schema.permissions import IsUser, may
from schema.problems import record_of


@strawberry.type(description="A hospital's application to join the platform.")
class HospitalApplication:
    id: strawberry.ID = strawberry.field(resolver=of(lambda view: str(view.id)), description="For what is done to it.")
    number: str = strawberry.field(description="What its applicant calls it by: `HA7KQXM2PA9T`.")
    applicant_id: strawberry.ID = strawberry.field(
        resolver=of(lambda view: global_id(NodeKind.USER, view.user_id)),
        description="Global id of the account that handed it in.",
    )
    state: ApplicationState = strawberry.field(description="Where it stands.")
    name: str = strawberry.field(description="The hospital's name, as on its licence.")
    level: str = strawberry.field(description="Its level, a value of the dictionary's HospitalType: `3A`.")
    region_code: str = strawberry.field(description="Its district: GB/T 2260, six digits.")
    address: str = strawberry.field(description="Its address.")
    registration_number: str = strawberry.field(
        description="Of its licence to practise (医疗机构执业许可证登记号), in capitals."
    )
    phone: str = strawberry.field(description="The hospital's own telephone number.")
    api_base: str = strawberry.field(description="Where its own system answers, as far as it was said; else empty.")
    contact_name: str | None = strawberry.field(
        description="Who speaks for the hospital, masked: `张*`. Null once it is erased."
    )
    contact_phone: str | None = strawberry.field(description="Their phone, masked. Null once it is erased.")
    licence_file_ids: list[strawberry.ID] = strawberry.field(
        resolver=of(lambda view: [global_id(NodeKind.FILE, id) for id in view.licence_file_ids]),
        description="Global ids of its licences; reviewers see them by `viewHospitalLicence`.",
    )
    submissions: int = strawberry.field(description="How often it was handed in.")
    applied_at: datetime = strawberry.field(description="When it was handed in first.")
    submitted_at: datetime = strawberry.field(description="When it was handed in last.")
    decided_at: datetime | None = strawberry.field(description="When it was decided; null while it is not.")
    decided_by: strawberry.ID | None = strawberry.field(
        resolver=of(lambda view: None if view.decided_by is None else global_id(NodeKind.STAFF, view.decided_by)),
        description="Global id of the staff member who decided it; null for the applicant.",
    )
    reason: str | None = strawberry.field(description="Why it was rejected, in the reviewer's words.")
    hospital_code: str | None = strawberry.field(description="The code of the hospital that it became.")
    same_name_hospital_codes: list[str] | None = strawberry.field(
        description="Codes of other hospitals of the platform that have its name. Null for the applicant."
    )

    is_type_of = record_of(ApplicationView)


@strawberry.type(description="How a hospital's application stands, without anybody's name or phone.")
class HospitalApplicationReceipt:
    number: str = strawberry.field(description="The application's number.")
    hospital_name: str = strawberry.field(description="The hospital's name.")
    state: ApplicationState = strawberry.field(description="Where it stands.")
    submitted_at: datetime = strawberry.field(description="When it was handed in last.")
    decided_at: datetime | None = strawberry.field(description="When it was decided; null while it is not.")
    reason: str | None = strawberry.field(description="Why it was rejected.")

    is_type_of = record_of(ReceiptView)


@strawberry.type
class HospitalApplicationQuery:
    @answers(
        list[HospitalApplication], "The caller's own applications, the latest first; at most the last 50.", only=IsUser
    )
    def my_hospital_applications(self, info: Context) -> Awaitable[list[ApplicationView]]:
        return hospital_applications.mine(info.context)

    @answers(
        HospitalApplicationReceipt | None,
        "How an application stands, for whoever was given its receipt; null if number and code are not of one. Too "
        "many wrong ones from one network are refused (RATE_LIMITED).",
    )
    def hospital_application_receipt(
        self,
        info: Context,
        number: Annotated[str, strawberry.argument(description="The application's number, in any letter case.")],
        receipt_code: Annotated[
            str, strawberry.argument(description="The code that `applyToJoin` showed; case and hyphens do not matter.")
        ],
    ) -> Awaitable[ReceiptView | None]:
        return hospital_applications.by_receipt(info.context, number, receipt_code)

    @answers(
        Connection[HospitalApplication],
        "Hospitals' applications, those that wait longest first.",
        only=may(Permission.EDIT_HOSPITALS),
    )
    def hospital_applications(
        self,
        info: Context,
        state: Annotated[
            ApplicationState | None, strawberry.argument(description="Only applications that stand here.")
        ] = None,
        text: Annotated[
            str | None,
            strawberry.argument(description="Part of the hospital's name, or a number of the application or licence."),
        ] = None,
        region: Annotated[
            str | None, strawberry.argument(description="Only in this province, city or district: 2, 4 or 6 digits.")
        ] = None,
        submitted_from: Annotated[
            datetime | None, strawberry.argument(description="Only those handed in at this time or later.")
        ] = None,
        submitted_before: Annotated[
            datetime | None, strawberry.argument(description="Only those handed in before this time.")
        ] = None,
        first: First = 20,
        after: After = None,
    ) -> Awaitable[Page[ApplicationView]]:
        wanted = ApplicationFilter(
            state, _or_none(text), _region_prefix(_or_none(region)), submitted_from, submitted_before
        )
        return hospital_applications.queue(info.context, wanted, first=first, after=after)


def _or_none(text: str | None) -> str | None:
    return text.strip() or None if text is not None else None


def _region_prefix(code: str | None) -> str | None:
    """What the codes of all districts in this region begin with: `11` for 110000."""
    if code is None:
        return None
    return code.removesuffix("00").removesuffix("00") if len(code) == 6 else code
