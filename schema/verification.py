"""Real-name verification: an account's state and history for its owner, and the reviewers' queue."""

from collections.abc import Awaitable
from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from datasources.sql.user_account import Verification
from datasources.sql.verification_reads import QueueFilter
from datasources.sql.verification_request import VerificationRejection, VerificationRequestState
from domain.global_id import NodeKind, global_id
from domain.page import Page
from domain.permissions import Permission
from domain.verification.views import VerificationView
from resolvers import nodes, verifications
from resolvers import verification_words as words
from schema.binding import After, Context, First, answers, described_enum, of, on
from schema.connection import Connection
from schema.node import Node
from schema.permissions import IsUser, may

described_enum(
    VerificationRequestState,
    "Where a request for real-name verification stands.",
    {
        "PENDING": "It waits for a reviewer.",
        "VERIFIED": "A reviewer found it right: the account is known by real name.",
        "REJECTED": "A reviewer rejected it; another one may be handed in.",
        "WITHDRAWN": "Its owner withdrew the consent to identity pictures before it was decided. Nothing that was "
        "handed in is left.",
    },
)
described_enum(
    VerificationRejection,
    "Why a request for real-name verification was rejected.",
    {
        "UNREADABLE_PICTURE": "A picture cannot be read or is not whole (照片不清晰).",
        "NOT_AS_STATED": "Name or number is not the one on the certificate (信息不一致).",
        "EXPIRED_CERTIFICATE": "The certificate has expired (证件过期).",
        "WRONG_CERTIFICATE": "The pictures show another kind of certificate, or none (证件种类不符).",
        "SUSPECTED_FORGERY": "The pictures could not be taken for genuine (真实性存疑).",
        "USED_ELSEWHERE": "Another account is verified by this certificate (证件已被使用).",
        "OTHER": "What the reviewer's note says (其他).",
    },
)


def _global(kind: NodeKind, id: UUID | None) -> str | None:
    return None if id is None else global_id(kind, id)


@strawberry.federation.type(
    keys=["id"],
    description="What somebody handed in to be known by real name, masked. Only the account's owner and reviewers find"
    " it by `node(id:)`.",
)
class VerificationRequest(Node):
    id: strawberry.ID = strawberry.field(
        resolver=of(lambda request: global_id(NodeKind.VERIFICATION_REQUEST, request.id)),
        description="Global, opaque id.",
    )
    user_id: strawberry.ID = strawberry.field(
        resolver=of(lambda request: global_id(NodeKind.USER, request.user_id)),
        description="Global id of the account that is to be verified.",
    )
    state: VerificationRequestState = strawberry.field(description="Where it stands.")
    name: str | None = strawberry.field(
        description="The stated name, masked: `张*`. Null once it is erased, as a rejected or withdrawn request's is "
        "with its pictures."
    )
    certificate_kind: str = strawberry.field(
        description="Kind of certificate, a value of the dictionary's CertificatesType: `10` is a resident ID."
    )
    certificate_number: str | None = strawberry.field(
        description="The stated number, masked: `110***********002X`. Null once it is erased, as the name is."
    )
    front_file_id: strawberry.ID | None = strawberry.field(
        resolver=of(lambda request: _global(NodeKind.FILE, request.front_file_id)),
        description="Global id of the picture of the certificate's front; reviewers see it by `viewIdentityPicture`."
        " Null once the pictures are deleted.",
    )
    back_file_id: strawberry.ID | None = strawberry.field(
        resolver=of(lambda request: _global(NodeKind.FILE, request.back_file_id)),
        description="Global id of the picture of its back; null without one, and once the pictures are deleted.",
    )
    submitted_at: datetime = strawberry.field(description="When it was handed in.")
    decided_at: datetime | None = strawberry.field(description="When it was decided; null while it is PENDING.")
    decided_by: strawberry.ID | None = strawberry.field(
        resolver=of(lambda request: _global(NodeKind.STAFF, request.decided_by)),
        description="Global id of the staff member who decided it; null for the account's owner.",
    )
    rejection: VerificationRejection | None = strawberry.field(description="Why it was rejected; null unless REJECTED.")
    rejection_message: str | None = strawberry.field(
        resolver=on(words.of_rejection),
        description="Why it was rejected and what to do, in the caller's language; null unless REJECTED.",
    )
    note: str | None = strawberry.field(
        description="What the reviewer wrote to the owner of a rejected request, if so."
    )
    originals_deleted_at: datetime | None = strawberry.field(
        description="When the pictures were given up for deletion, some weeks after the decision."
    )
    certificate_verified_elsewhere: bool | None = strawberry.field(
        description="Whether another account, not said whose, is verified by this certificate, so that this one cannot"
        " be. Null for the account's owner."
    )

    @classmethod
    def is_type_of(cls, value: object, info: Context) -> bool:
        return isinstance(value, VerificationView)

    @classmethod
    async def resolve_reference(cls, info: Context, id: strawberry.ID) -> object | None:
        return await nodes.node_of_kind(info.context, str(id), NodeKind.VERIFICATION_REQUEST)


@strawberry.type(description="Where the caller's real-name verification stands.")
class MyVerification:
    state: Verification = strawberry.field(description="The account's state; booking asks for VERIFIED.")
    requests: list[VerificationRequest] = strawberry.field(
        description="What was handed in, the latest first; at most the last 20."
    )

    @classmethod
    def is_type_of(cls, value: object, info: Context) -> bool:
        return isinstance(value, verifications.MyVerification)


@strawberry.type
class VerificationQuery:
    @answers(MyVerification, "The caller's own real-name verification and its history.", only=IsUser)
    def my_verification(self, info: Context) -> Awaitable[verifications.MyVerification]:
        return verifications.my_verification(info.context)

    @answers(
        Connection[VerificationRequest],
        "Requests for real-name verification, the oldest first.",
        only=may(Permission.REVIEW_VERIFICATIONS),
    )
    def verification_requests(
        self,
        info: Context,
        state: Annotated[
            VerificationRequestState | None, strawberry.argument(description="Only requests that stand here.")
        ] = None,
        submitted_from: Annotated[
            datetime | None, strawberry.argument(description="Only requests handed in at this time or later.")
        ] = None,
        submitted_before: Annotated[
            datetime | None, strawberry.argument(description="Only requests handed in before this time.")
        ] = None,
        first: First = 20,
        after: After = None,
    ) -> Awaitable[Page[VerificationView]]:
        wanted = QueueFilter(state, submitted_from, submitted_before)
        return verifications.queue(info.context, wanted, first=first, after=after)
