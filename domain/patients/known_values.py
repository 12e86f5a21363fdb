"""What the dictionary says of the values that a patient's details refer to."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.dictionary import Dictionary
from domain.dictionary.regions import normalise_region_code
from domain.patients.details import GivenPatient

CERTIFICATE_KINDS = "CertificatesType"
MARITAL_STATUSES = "MaritalStatus"
INSURANCE_KINDS = "InsuranceType"


@dataclass(frozen=True, slots=True)
class KnownValues:
    """The values of the dictionary's lists, by the list's code, and the regions that exist among those asked for."""

    lists: Mapping[str, frozenset[str]]
    regions: frozenset[str] = field(default_factory=frozenset)
    """Six-digit codes."""

    def has(self, code: str, value: str) -> bool:
        """Whether the list with this code has this value."""
        return value in self.lists.get(code, frozenset())


async def known_values(session: AsyncSession, given: GivenPatient) -> KnownValues:
    """What the dictionary knows of the values in these details, in two queries."""
    dictionary = Dictionary(session)
    guardian = given.guardian
    asked = [
        (CERTIFICATE_KINDS, given.certificate_kind),
        (CERTIFICATE_KINDS, guardian.certificate_kind if guardian else ""),
        (MARITAL_STATUSES, given.marital_status or ""),
        (INSURANCE_KINDS, given.insurance_kind or ""),
    ]
    found = await dictionary.by_parent_code_and_values([pair for pair in asked if pair[1]])
    lists = {code: frozenset(value for other, value in found if other == code) for code, _ in asked}
    region = normalise_region_code(given.region_code or "")
    regions = await dictionary.by_ids([int(region)]) if region else {}
    return KnownValues(lists, frozenset(str(id) for id in regions))


async def known_certificate_kind(session: AsyncSession, kind: str) -> KnownValues:
    """What the dictionary knows of one kind of certificate."""
    found = await Dictionary(session).by_parent_code_and_values([(CERTIFICATE_KINDS, kind)] if kind else [])
    return KnownValues({CERTIFICATE_KINDS: frozenset(value for _, value in found)})
