"""Why nothing became of an application, an invitation or a key."""

from datetime import datetime
from typing import Any

import strawberry

from datasources.sql.hospital_application import ApplicationState
from domain.integration import managing
from domain.onboarding import applying, taking_up
from domain.problems import ProblemCode
from domain.staff import invitations
from resolvers import onboarding_words as words
from schema.binding import described_enum, of, on
from schema.problems import Problem, record_of

described_enum(
    ApplicationState,
    "Where a hospital's application to join stands.",
    {
        "SUBMITTED": "It waits for a reviewer.",
        "APPROVED": "The hospital has an account; `takeUpHospital` gives its first manager's link.",
        "REJECTED": "It was not approved; it may be corrected and handed in again.",
        "WITHDRAWN": "Its applicant took it back.",
    },
    name="HospitalApplicationState",
)


def _code(code: ProblemCode) -> Any:
    return strawberry.field(resolver=of(lambda _: code), description=f"{code}.")


@strawberry.type(description="A hospital with this registration number has applied or joined; nothing was changed.")
class HospitalKnown(Problem):
    message: str = strawberry.field(resolver=on(words.of_known), description="What to do.")
    code: ProblemCode = _code(ProblemCode.HOSPITAL_KNOWN)
    own_number: str | None = strawberry.field(
        description="The number of that application, where it is the caller's own."
    )

    is_type_of = record_of(applying.HospitalKnown)


@strawberry.type(description="The account has as many applications waiting, or handed in today, as it may.")
class TooManyApplications(Problem):
    message: str = strawberry.field(resolver=on(words.of_too_many), description="When to try again.")
    code: ProblemCode = _code(ProblemCode.TOO_MANY_APPLICATIONS)
    most: int = strawberry.field(description="How many there may be.")

    is_type_of = record_of(applying.TooManyApplications)


@strawberry.type(description="The application stands where this cannot be done to it; nothing was changed.")
class ApplicationNotChangeable(Problem):
    message: str = strawberry.field(resolver=on(words.of_not_changeable), description="Where it stands.")
    code: ProblemCode = _code(ProblemCode.APPLICATION_NOT_CHANGEABLE)
    state: ApplicationState = strawberry.field(description="Where it stands.")
    decided_at: datetime | None = strawberry.field(description="When it was decided; null while it is not.")

    is_type_of = record_of(applying.ApplicationNotChangeable)


@strawberry.type(description="The hospital has a manager, who invites all others.")
class HospitalTakenUp(Problem):
    message: str = strawberry.field(resolver=on(words.of_taken_up), description="Whom to ask.")
    code: ProblemCode = _code(ProblemCode.HOSPITAL_TAKEN_UP)

    is_type_of = record_of(taking_up.HospitalTakenUp)


@strawberry.type(description="There is no such invitation, or it was used, revoked or has run out.")
class InvitationEnded(Problem):
    message: str = strawberry.field(resolver=on(words.of_ended_invitation), description="Whom to ask for another.")
    code: ProblemCode = _code(ProblemCode.INVITATION_ENDED)

    is_type_of = record_of(invitations.InvitationEnded)


@strawberry.type(description="The hospital has as many open invitations as it may.")
class TooManyInvitations(Problem):
    message: str = strawberry.field(resolver=on(words.of_too_many_invitations), description="What to do first.")
    code: ProblemCode = _code(ProblemCode.TOO_MANY_INVITATIONS)
    most: int = strawberry.field(description="How many there may be.")

    is_type_of = record_of(invitations.TooManyInvitations)


@strawberry.type(description="The hospital has as many live integration keys as it may; nothing was changed.")
class TooManyKeys(Problem):
    message: str = strawberry.field(resolver=on(words.of_too_many_keys), description="What to do first.")
    code: ProblemCode = _code(ProblemCode.TOO_MANY_KEYS)
    key_ids: list[str] = strawberry.field(description="The live keys, the oldest first.")
    most: int = strawberry.field(description="How many there may be.")

    is_type_of = record_of(managing.TooManyKeys)
