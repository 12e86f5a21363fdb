"""Integration keys: how a hospital's own system proves itself, and how people manage them."""

from collections.abc import Awaitable
from datetime import datetime
from typing import Annotated, TypeVar

import strawberry

from domain.integration import managing
from domain.integration.keys import KeySummary
from domain.problems import InvalidInput as InvalidInputRecord
from domain.problems import NotFound as NotFoundRecord
from resolvers import integration_keys as resolve
from schema.binding import Context, answers, mutates, of, on
from schema.onboarding_problems import TooManyKeys
from schema.permissions import may_any
from schema.problems import InvalidInput, NotFound, record_of


@strawberry.type(
    description="A key by which a hospital's own system signs its requests. Its secret is never shown again."
)
class IntegrationKey:
    key_id: str = strawberry.field(description="Its id, `hk_…`: the Credential of a signed request.")
    hospital_code: str = strawberry.field(description="The hospital for which it speaks.")
    label: str = strawberry.field(description="What it is for, in people's words; may be empty.")
    is_live: bool = strawberry.field(resolver=on(resolve.is_live), description="Whether requests by it are taken.")
    created_at: datetime = strawberry.field(description="When it was made.")
    last_used_at: datetime | None = strawberry.field(description="When it was used last, to a minute; null if never.")
    ends_at: datetime | None = strawberry.field(description="From when it is refused, where another takes its place.")
    revoked_at: datetime | None = strawberry.field(description="When it was revoked, or ended; null if it was not.")

    is_type_of = record_of(KeySummary)


@strawberry.type(description="The key is there. Its secret is shown this once: hand it over on a safe road.")
class IntegrationKeyIssued:
    key: IntegrationKey = strawberry.field(description="The new key.")
    secret: str = strawberry.field(
        resolver=of(lambda issued: issued.secret.get_secret_value()), description="What requests are signed with."
    )
    replaced: IntegrationKey | None = strawberry.field(
        description="The key whose place it takes: refused from its `endsAt` on."
    )

    is_type_of = record_of(managing.KeyIssued)


@strawberry.type(description="The key opens nothing any more, and its open connections end.")
class IntegrationKeyRevoked:
    key: IntegrationKey = strawberry.field(description="The key as it now is.")

    is_type_of = record_of(managing.KeyRevoked)


@strawberry.input(description="A key to be made.")
class IssueIntegrationKeyInput:
    hospital_code: str | None = strawberry.field(
        default=None, description="The hospital; a hospital's manager may leave it out."
    )
    label: str = strawberry.field(default="", description="What it is for, at most 64 characters.")


@strawberry.input(description="A key that another takes the place of.")
class RotateIntegrationKeyInput:
    key_id: str = strawberry.field(description="The key's id.")
    overlap_hours: int = strawberry.field(default=24, description="For so long, 0 to 168, both keys are taken.")


@strawberry.input(description="A key to end.")
class RevokeIntegrationKeyInput:
    key_id: str = strawberry.field(description="The key's id.")


IssueIntegrationKeyResult = Annotated[
    IntegrationKeyIssued | InvalidInput | NotFound | TooManyKeys,
    strawberry.union("IssueIntegrationKeyResult", description="The key, or why there is none."),
]
RevokeIntegrationKeyResult = Annotated[
    IntegrationKeyRevoked | InvalidInput | NotFound,
    strawberry.union("RevokeIntegrationKeyResult", description="The key, or that it is not there."),
]

T = TypeVar("T")
Sent = Annotated[T, strawberry.argument(description="Which, and how.")]
_managing = may_any(*resolve.MANAGERS)


@strawberry.type
class IntegrationKeyQuery:
    @answers(
        list[IntegrationKey],
        "A hospital's integration keys, the oldest first, those that have ended too: the own hospital's, or that of "
        "the given code for the platform's administrators.",
        only=_managing,
    )
    def integration_keys(
        self,
        info: Context,
        hospital_code: Annotated[str | None, strawberry.argument(description="The hospital.")] = None,
    ) -> Awaitable[list[KeySummary]]:
        return resolve.listed(info.context, hospital_code)


@strawberry.type
class IntegrationKeyMutation:
    @mutates(
        IssueIntegrationKeyResult,
        "Make a key for a hospital, which has two live ones at most. The hospital's staff are told. Recorded.",
        only=_managing,
    )
    def issue_integration_key(
        self, info: Context, input: Sent[IssueIntegrationKeyInput]
    ) -> Awaitable[managing.IssueAnswer]:
        return resolve.issue(info.context, input.hospital_code, input.label)

    @mutates(
        IssueIntegrationKeyResult,
        "Make a key that takes a live one's place; for some hours both are taken. The hospital's staff are told. "
        "Recorded.",
        only=_managing,
    )
    def rotate_integration_key(
        self, info: Context, input: Sent[RotateIntegrationKeyInput]
    ) -> Awaitable[managing.IssueAnswer]:
        return resolve.rotate(info.context, input.key_id, input.overlap_hours)

    @mutates(
        RevokeIntegrationKeyResult,
        "End a key for good: every process refuses it within seconds. The hospital's staff are told. Recorded.",
        only=_managing,
    )
    def revoke_integration_key(
        self, info: Context, input: Sent[RevokeIntegrationKeyInput]
    ) -> Awaitable[managing.KeyRevoked | NotFoundRecord | InvalidInputRecord]:
        return resolve.revoke(info.context, input.key_id)
