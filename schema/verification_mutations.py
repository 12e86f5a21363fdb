"""How a real name is handed in, looked into and decided."""

from collections.abc import Awaitable
from datetime import datetime
from typing import Annotated, TypeVar

import strawberry

from datasources.sql.verification_request import VerificationRejection, VerificationRequestState
from domain.global_id import NodeKind, global_id
from domain.permissions import Permission
from domain.problems import ProblemCode
from domain.verification import decision, reveal, submission
from domain.verification.decision import Verdict, VerificationDecision
from resolvers import verification_words as words
from resolvers import verifications
from schema.binding import Context, described_enum, mutates, of, on
from schema.patient_problems import ConsentNeeded
from schema.permissions import IsUser, may
from schema.problems import InvalidInput, NotFound, Problem, record_of
from schema.verification import VerificationRequest

described_enum(
    VerificationDecision,
    "What a reviewer decides about a request.",
    {"VERIFY": "Name and number are right, and the pictures prove them.", "REJECT": "It is not granted."},
)


@strawberry.type(description="The request was taken and waits for a reviewer; the account is PENDING.")
class VerificationSubmitted:
    request: VerificationRequest = strawberry.field(description="The request, masked.")

    is_type_of = record_of(verifications.VerificationSubmitted)


@strawberry.type(description="The request is decided, and the account with it.")
class VerificationDecided:
    request: VerificationRequest = strawberry.field(description="The request as it now is, masked.")

    is_type_of = record_of(verifications.VerificationDecided)


@strawberry.type(description="A request's name and number in clear. That they were shown is in the audit log.")
class VerificationRevealed:
    request: VerificationRequest = strawberry.field(description="The request, masked as everywhere.")
    name: str = strawberry.field(
        resolver=of(lambda clear: clear.identity.name), description="The name as it was typed."
    )
    certificate_number: str = strawberry.field(
        resolver=of(lambda clear: clear.identity.certificate_number), description="The certificate's number."
    )

    is_type_of = record_of(reveal.ClearRequest)


@strawberry.type(description="An earlier request is not decided yet; nothing was taken.")
class VerificationUnderWay(Problem):
    message: str = strawberry.field(resolver=on(words.of_under_way), description="What to wait for.")
    code: ProblemCode = strawberry.field(
        resolver=of(lambda _: ProblemCode.VERIFICATION_UNDER_WAY), description="VERIFICATION_UNDER_WAY."
    )
    submitted_at: datetime = strawberry.field(description="When the earlier one was handed in.")

    is_type_of = record_of(submission.VerificationUnderWay)


@strawberry.type(description="The account is verified already; nothing was taken.")
class AlreadyVerified(Problem):
    message: str = strawberry.field(resolver=on(words.of_verified), description="That nothing is left to do.")
    code: ProblemCode = strawberry.field(
        resolver=of(lambda _: ProblemCode.ALREADY_VERIFIED), description="ALREADY_VERIFIED."
    )

    is_type_of = record_of(submission.AlreadyVerified)


@strawberry.type(description="The account handed in as often as it may on one day; nothing was taken.")
class TooManySubmissions(Problem):
    message: str = strawberry.field(resolver=on(words.of_too_many), description="When to try again.")
    code: ProblemCode = strawberry.field(
        resolver=of(lambda _: ProblemCode.TOO_MANY_SUBMISSIONS), description="TOO_MANY_SUBMISSIONS."
    )
    most: int = strawberry.field(description="Submissions of one account on one day.")

    is_type_of = record_of(submission.TooManySubmissions)


@strawberry.type(description="Somebody decided the request before; this call changed nothing.")
class AlreadyDecided(Problem):
    message: str = strawberry.field(resolver=on(words.of_decided), description="Who decided what, and when.")
    code: ProblemCode = strawberry.field(
        resolver=of(lambda _: ProblemCode.ALREADY_DECIDED), description="ALREADY_DECIDED."
    )
    state: VerificationRequestState = strawberry.field(description="What was decided.")
    decided_at: datetime = strawberry.field(description="When.")
    decided_by: strawberry.ID = strawberry.field(
        resolver=of(lambda decided: global_id(NodeKind.STAFF, decided.decided_by)),
        description="Global id of the staff member who decided.",
    )
    decided_by_name: str = strawberry.field(description="The name of who decided.")

    is_type_of = record_of(decision.AlreadyDecided)


@strawberry.type(
    description="Another account, not said whose, is verified by the same certificate; the request stays PENDING."
)
class CertificateVerifiedElsewhere(Problem):
    message: str = strawberry.field(resolver=on(words.of_elsewhere), description="What can be decided instead.")
    code: ProblemCode = strawberry.field(
        resolver=of(lambda _: ProblemCode.CERTIFICATE_IN_USE), description="CERTIFICATE_IN_USE."
    )

    is_type_of = record_of(decision.CertificateVerifiedElsewhere)


SubmitVerificationResult = Annotated[
    VerificationSubmitted | InvalidInput | ConsentNeeded | VerificationUnderWay | AlreadyVerified | TooManySubmissions,
    strawberry.union("SubmitVerificationResult", description="What became of the submission."),
]
RevealVerificationResult = Annotated[
    VerificationRevealed | InvalidInput | NotFound,
    strawberry.union("RevealVerificationResult", description="Name and number, or why they are not shown."),
]
DecideVerificationResult = Annotated[
    VerificationDecided | InvalidInput | NotFound | AlreadyDecided | CertificateVerifiedElsewhere,
    strawberry.union("DecideVerificationResult", description="What became of the decision."),
]


@strawberry.input(description="Who the account's owner is, and the pictures that prove it.")
class SubmitVerificationInput:
    name: str = strawberry.field(description="The name as the certificate has it; at most 50 characters.")
    certificate_kind: str = strawberry.field(
        description="Kind of certificate, a value of the dictionary's CertificatesType: `10` is a resident ID."
    )
    certificate_number: str = strawberry.field(description="The certificate's number; judged as a patient's is.")
    front_file_id: strawberry.ID = strawberry.field(
        description="Global id of the caller's READY identity picture of the front (人像面)."
    )
    back_file_id: strawberry.ID | None = strawberry.field(
        default=None, description="Global id of that of the back (国徽面); a resident ID needs it."
    )


@strawberry.input(description="Which request to show, and why.")
class RevealVerificationInput:
    request_id: strawberry.ID = strawberry.field(description="Global id of the request.")
    reason: str = strawberry.field(description="Why, for the audit log: 1 to 200 characters.")


@strawberry.input(description="Which request is decided, and how.")
class DecideVerificationInput:
    request_id: strawberry.ID = strawberry.field(description="Global id of the request.")
    decision: VerificationDecision = strawberry.field(description="Whether it is granted.")
    rejection: VerificationRejection | None = strawberry.field(
        default=None, description="Why it is not; with REJECT only, and needed there."
    )
    note: str = strawberry.field(
        default="",
        description="Words to the account's owner, at most 200 characters; with REJECT only, needed with OTHER.",
    )


T = TypeVar("T")
Sent = Annotated[T, strawberry.argument(description="What it is about, and what to do.")]
_reviewers = may(Permission.REVIEW_VERIFICATIONS)


@strawberry.type
class VerificationMutation:
    @mutates(
        SubmitVerificationResult,
        "Hand in name, certificate and pictures, to be known by real name: five times a day at most, one at a time, and"
        " again after a rejection. Needs the owner's consent to the handling of identity pictures.",
        only=IsUser,
    )
    def submit_verification(
        self, info: Context, input: Sent[SubmitVerificationInput]
    ) -> Awaitable[verifications.SubmitAnswer]:
        given = verifications.Submission(
            input.name,
            input.certificate_kind,
            input.certificate_number,
            str(input.front_file_id),
            None if input.back_file_id is None else str(input.back_file_id),
        )
        return verifications.submit(info.context, given)

    @mutates(
        RevealVerificationResult,
        "A request's name and number in clear, to be compared with the pictures. Recorded with the reason.",
        only=_reviewers,
    )
    def reveal_verification(
        self, info: Context, input: Sent[RevealVerificationInput]
    ) -> Awaitable[verifications.RevealAnswer]:
        return verifications.reveal_request(info.context, str(input.request_id), input.reason)

    @mutates(
        DecideVerificationResult,
        "Decide a pending request; the account changes with it. Of two reviewers at once one decides. Recorded.",
        only=_reviewers,
    )
    def decide_verification(
        self, info: Context, input: Sent[DecideVerificationInput]
    ) -> Awaitable[verifications.DecideAnswer]:
        verdict = Verdict(input.decision, input.rejection, input.note)
        return verifications.decide(info.context, str(input.request_id), verdict)
