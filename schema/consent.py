"""Consents: what account owners agreed to, separately and expressly."""

from collections.abc import Awaitable
from datetime import datetime
from typing import Annotated

import strawberry

from datasources.sql.consent import Consent as ConsentRow
from datasources.sql.consent import ConsentKind
from resolvers import consents
from schema import patient_problems as patient_problems
from schema.binding import Context, answers, mutates
from schema.permissions import IsUser
from schema.problems import InvalidInput, NotFound


@strawberry.type(description="A text that people are asked to agree to.")
class ConsentText:
    kind: ConsentKind = strawberry.field(description="What it is about.")
    version: str = strawberry.field(description="Its current version; `giveConsent` takes no other.")


@strawberry.type(description="One agreement: to what, in which version of its text, from when until when.")
class Consent:
    kind: ConsentKind = strawberry.field(description="What was agreed to.")
    version: str = strawberry.field(description="Version of the text that was agreed to.")
    given_at: datetime = strawberry.field(description="When it was given.")
    withdrawn_at: datetime | None = strawberry.field(description="When it was withdrawn; null while it stands.")


@strawberry.type(description="The consent stands.")
class ConsentGiven:
    consent: Consent = strawberry.field(description="The consent; an earlier one if the same was given before.")

    @classmethod
    def is_type_of(cls, value: object, info: Context) -> bool:
        return isinstance(value, consents.ConsentGiven)


@strawberry.type(
    description="The consent no longer stands. Of HEALTH_DATA: stored patients stay until they are removed. "
    "Of IDENTITY_PICTURES: all of the caller's are deleted, and a request for verification that waits is withdrawn; a "
    "verified account stays verified."
)
class ConsentWithdrawn:
    consents: list[Consent] = strawberry.field(description="Every consent of the kind, the latest first.")

    @classmethod
    def is_type_of(cls, value: object, info: Context) -> bool:
        return isinstance(value, consents.ConsentWithdrawn)


GiveConsentResult = Annotated[
    ConsentGiven | InvalidInput,
    strawberry.union("GiveConsentResult", description="What became of the consent."),
]
WithdrawConsentResult = Annotated[
    ConsentWithdrawn | InvalidInput | NotFound,
    strawberry.union("WithdrawConsentResult", description="What became of the withdrawal."),
]


@strawberry.input(description="What the caller agrees to.")
class GiveConsentInput:
    kind: ConsentKind = strawberry.field(description="What it is about.")
    version: str = strawberry.field(description="Version of the text that was shown.")


@strawberry.input(description="What the caller no longer agrees to.")
class WithdrawConsentInput:
    kind: ConsentKind = strawberry.field(description="What it is about.")


@strawberry.type
class ConsentQuery:
    @answers(list[Consent], "Everything the caller ever agreed to, the latest first.", only=IsUser)
    def my_consents(self, info: Context) -> Awaitable[list[ConsentRow]]:
        return consents.my_consents(info.context)

    @answers(list[ConsentText], "The texts that people are asked to agree to, in their current versions.")
    def consent_texts(self) -> list[consents.ConsentText]:
        return consents.texts()


@strawberry.type
class ConsentMutation:
    @mutates(GiveConsentResult, "Agree to the current version of a text; agreeing again changes nothing.", only=IsUser)
    def give_consent(
        self,
        info: Context,
        input: Annotated[GiveConsentInput, strawberry.argument(description="What the caller agrees to.")],
    ) -> Awaitable[consents.GiveAnswer]:
        return consents.give_consent(info.context, input.kind, input.version)

    @mutates(
        WithdrawConsentResult,
        "Withdraw a consent: from now on no more such data are taken. Identity pictures are deleted at once, and a "
        "request for verification that waits for a reviewer is withdrawn.",
        only=IsUser,
    )
    def withdraw_consent(
        self,
        info: Context,
        input: Annotated[WithdrawConsentInput, strawberry.argument(description="What is no longer agreed to.")],
    ) -> Awaitable[consents.WithdrawAnswer]:
        return consents.withdraw_consent(info.context, input.kind)
