"""What the caller agreed to."""

from collections.abc import Sequence
from dataclasses import dataclass

from datasources.sql.consent import Consent, ConsentKind, Consents
from domain.patients import consent
from domain.patients.consent import CURRENT_VERSIONS
from domain.problems import InvalidInput, NotFound
from resolvers.context import RequestContext
from resolvers.patients import owner_of


@dataclass(frozen=True, slots=True)
class ConsentText:
    """A text that is agreed to, by its current version."""

    kind: ConsentKind
    version: str


@dataclass(frozen=True, slots=True)
class ConsentGiven:
    """A consent that stands."""

    consent: Consent


@dataclass(frozen=True, slots=True)
class ConsentWithdrawn:
    """Consents of one kind, none of which stands any more."""

    consents: Sequence[Consent]


GiveAnswer = ConsentGiven | InvalidInput
WithdrawAnswer = ConsentWithdrawn | InvalidInput | NotFound


def texts() -> list[ConsentText]:
    """The current version of each text."""
    return [ConsentText(kind, version) for kind, version in CURRENT_VERSIONS.items()]


async def my_consents(context: RequestContext) -> list[Consent]:
    """Everything the caller ever agreed to, the latest first."""
    owner = owner_of(context)
    async with context.stores.sql.read() as session:
        return await Consents(session).of_user(owner.user_id)


async def give_consent(context: RequestContext, kind: ConsentKind, version: str) -> GiveAnswer:
    """Record that the caller agrees to this version of a text."""
    owner = owner_of(context)
    async with context.stores.sql.unit_of_work() as session:
        answer = await consent.give_consent(session, owner.actor, owner.user_id, kind, version)
    return ConsentGiven(answer) if isinstance(answer, Consent) else answer


async def withdraw_consent(context: RequestContext, kind: ConsentKind) -> WithdrawAnswer:
    """End the caller's consent of this kind."""
    owner = owner_of(context)
    async with context.stores.sql.unit_of_work() as session:
        answer = await consent.withdraw_consent(session, owner.actor, owner.user_id, kind)
    return answer if isinstance(answer, NotFound) else ConsentWithdrawn(answer)
