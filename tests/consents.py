"""Consents that people in tests have given."""

from datetime import datetime
from uuid import UUID, uuid4

from datasources.sql.consent import Consent, ConsentKind
from domain.patients.consent import CURRENT_VERSIONS


def health_data_consent(user_id: UUID, now: datetime) -> Consent:
    """The account's consent to the handling of health data, in the text of today."""
    kind = ConsentKind.HEALTH_DATA
    return Consent(id=uuid4(), user_id=user_id, kind=kind, version=CURRENT_VERSIONS[kind], given_at=now)
