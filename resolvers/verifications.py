"""Real-name verification: handed in by account owners, listed, looked into and decided by reviewers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.user_account import UserAccounts, Verification
from datasources.sql.verification_reads import QueueFilter, VerificationReads
from datasources.sql.verification_request import VerificationRequest
from domain.callers import SignedInUser, StaffMember
from domain.global_id import NodeKind, node_reference
from domain.page import Page
from domain.patients.consent import ConsentNeeded
from domain.permissions import Permission
from domain.problems import InvalidInput, NotFound
from domain.verification import decision, reveal, submission
from domain.verification.decision import AlreadyDecided, CertificateVerifiedElsewhere, Verdict
from domain.verification.identity import GivenIdentity
from domain.verification.reveal import ClearRequest
from domain.verification.submission import AlreadyVerified, TooManySubmissions, VerificationUnderWay
from domain.verification.views import VerificationView, owners_view, reviewers_view
from resolvers.audit import actor
from resolvers.context import RequestContext
from resolvers.files import file_key
from resolvers.listing import by_moment, sql_page
from resolvers.patients import owner_of
from resolvers.staff_callers import may, staff_with

MOST_IN_HISTORY = 20


@dataclass(frozen=True, slots=True)
class MyVerification:
    """Where the caller's account stands, and what was handed in for it, the latest first."""

    state: Verification
    requests: Sequence[VerificationView]


@dataclass(frozen=True, slots=True)
class VerificationSubmitted:
    """A request that was taken."""

    request: VerificationView


@dataclass(frozen=True, slots=True)
class VerificationDecided:
    """A request that this call decided."""

    request: VerificationView


@dataclass(frozen=True, slots=True)
class Submission:
    """What was typed, and the pictures' global ids."""

    name: str
    certificate_kind: str
    certificate_number: str
    front_file_id: str
    back_file_id: str | None


SubmitAnswer = (
    VerificationSubmitted | InvalidInput | ConsentNeeded | VerificationUnderWay | AlreadyVerified | TooManySubmissions
)
RevealAnswer = ClearRequest | InvalidInput | NotFound
DecideAnswer = VerificationDecided | InvalidInput | NotFound | AlreadyDecided | CertificateVerifiedElsewhere


async def my_verification(context: RequestContext) -> MyVerification:
    """The caller's own state and history."""
    user_id = owner_of(context).user_id
    async with context.stores.sql.read() as session:
        account = await UserAccounts(session).get(user_id)
        rows = await VerificationReads(session).of_user(user_id, most=MOST_IN_HISTORY)
    state = Verification.NONE if account is None else Verification(account.verification)
    return MyVerification(state, [owners_view(context.ring, row) for row in rows])


async def submit(context: RequestContext, given: Submission) -> SubmitAnswer:
    """Hand in a request for the caller's account."""
    identity = GivenIdentity(
        given.name,
        given.certificate_kind,
        given.certificate_number,
        file_key(given.front_file_id),
        None if given.back_file_id is None else file_key(given.back_file_id),
    )
    midnight = context.clock().astimezone(context.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    answer = await submission.submit_verification(
        context.stores.sql, context.ring, owner_of(context), identity, day_began=midnight
    )
    if isinstance(answer, VerificationRequest):
        return VerificationSubmitted(owners_view(context.ring, answer))
    return answer


async def queue(
    context: RequestContext, filter: QueueFilter, *, first: int, after: str | None
) -> Page[VerificationView]:
    """Requests that the filter lets through, the oldest first."""
    staff_with(context, Permission.REVIEW_VERIFICATIONS)

    async def read(session: AsyncSession, behind: tuple[datetime, UUID] | None, limit: int) -> list[VerificationView]:
        reads = VerificationReads(session)
        found = await reads.page(filter, limit=limit, behind=behind)
        elsewhere = await reads.verified_elsewhere(found)
        return [reviewers_view(context.ring, row, verified_elsewhere=row.id in elsewhere) for row in found]

    return await sql_page(
        context,
        by_moment("verificationRequests", lambda view: view.submitted_at, lambda view: view.id),
        first,
        after,
        read=read,
        count=lambda session: VerificationReads(session).count(filter),
    )


async def known_request(context: RequestContext, key: str) -> VerificationView | None:
    """The request by its key, for its account's owner and for reviewers; nobody else learns whether there is one."""
    id = _uuid(key)
    if id is None:
        return None
    match context.caller:
        case SignedInUser(user_id=user_id):
            async with context.stores.sql.read() as session:
                row = await VerificationReads(session).by_id(id, user_id=user_id)
            return None if row is None else owners_view(context.ring, row)
        case StaffMember() as staff if may(staff, Permission.REVIEW_VERIFICATIONS):
            async with context.stores.sql.read() as session:
                reads = VerificationReads(session)
                row = await reads.by_id(id)
                return None if row is None else await _for_reviewer(context, reads, row)
        case _:
            return None


async def reveal_request(context: RequestContext, id: str, reason: str) -> RevealAnswer:
    """Name and number of a request in clear, on record."""
    staff_with(context, Permission.REVIEW_VERIFICATIONS)
    key = _request_key(id)
    if key is None:
        return NotFound()
    return await reveal.reveal_verification(context.stores.sql, context.ring, actor(context), key, reason)


async def decide(context: RequestContext, id: str, verdict: Verdict) -> DecideAnswer:
    """Decide a request."""
    reviewer = staff_with(context, Permission.REVIEW_VERIFICATIONS)
    key = _request_key(id)
    if key is None:
        return NotFound()
    answer = await decision.decide_verification(
        context.stores.sql, context.ring, actor(context), reviewer.staff_id, key, verdict
    )
    if not isinstance(answer, VerificationRequest):
        return answer
    async with context.stores.sql.read() as session:
        return VerificationDecided(await _for_reviewer(context, VerificationReads(session), answer))


async def _for_reviewer(
    context: RequestContext, reads: VerificationReads, row: VerificationRequest
) -> VerificationView:
    return reviewers_view(context.ring, row, verified_elsewhere=bool(await reads.verified_elsewhere([row])))


def _request_key(id: str) -> UUID | None:
    reference = node_reference(id)
    return _uuid(reference.key) if reference.kind is NodeKind.VERIFICATION_REQUEST else None


def _uuid(key: str) -> UUID | None:
    try:
        return UUID(key)
    except ValueError:
        return None
