"""What keeps a patient from being added, changed or shown in clear."""

import strawberry

from datasources.sql.consent import ConsentKind
from domain.patients import changes, consent, reveal
from domain.problems import ProblemCode
from resolvers import patient_problems as words
from schema.binding import Context, described_enum, of, on
from schema.problems import Problem

described_enum(
    ConsentKind,
    "What the law wants a separate, express consent for.",
    {
        "HEALTH_DATA": "Handling of patients' health data (医疗健康信息).",
        "IDENTITY_PICTURES": "Handling of pictures of identity documents (身份证件照片).",
    },
)


@strawberry.type(description="The account has as many patients as it may have; nothing was added.")
class TooManyPatients(Problem):
    message: str = strawberry.field(resolver=on(words.of_too_many_patients), description="How many there may be.")
    code: ProblemCode = strawberry.field(
        resolver=of(lambda _: ProblemCode.TOO_MANY_PATIENTS), description="TOO_MANY_PATIENTS."
    )
    most: int = strawberry.field(description="Patients that an account may have.")

    @classmethod
    def is_type_of(cls, value: object, info: Context) -> bool:
        return isinstance(value, changes.TooManyPatients)


@strawberry.type(description="The patient has orders under way, which forbids the change; nothing was changed.")
class PatientHasLiveOrders(Problem):
    message: str = strawberry.field(resolver=on(words.of_live_orders), description="What to do about the orders.")
    code: ProblemCode = strawberry.field(resolver=of(lambda _: ProblemCode.HAS_ORDERS), description="HAS_ORDERS.")

    @classmethod
    def is_type_of(cls, value: object, info: Context) -> bool:
        return isinstance(value, changes.PatientHasLiveOrders)


@strawberry.type(description="The owner has not agreed, or no longer, to the use of such data; nothing was changed.")
class ConsentNeeded(Problem):
    message: str = strawberry.field(resolver=on(words.of_consent_needed), description="What to agree to.")
    code: ProblemCode = strawberry.field(
        resolver=of(lambda _: ProblemCode.CONSENT_NEEDED), description="CONSENT_NEEDED."
    )
    kind: ConsentKind = strawberry.field(description="What to agree to.")
    version: str = strawberry.field(description="The text's current version, for `giveConsent`.")

    @classmethod
    def is_type_of(cls, value: object, info: Context) -> bool:
        return isinstance(value, consent.ConsentNeeded)


@strawberry.type(description="Details were shown in clear as often as they may be on one day; nothing is shown.")
class TooManyReveals(Problem):
    message: str = strawberry.field(resolver=on(words.of_too_many_reveals), description="When to try again.")
    code: ProblemCode = strawberry.field(
        resolver=of(lambda _: ProblemCode.TOO_MANY_REVEALS), description="TOO_MANY_REVEALS."
    )
    most: int = strawberry.field(description="Times per account and day.")

    @classmethod
    def is_type_of(cls, value: object, info: Context) -> bool:
        return isinstance(value, reveal.TooManyReveals)
