"""The patient that `make up` prints in development: an account known by real name, with somebody to book for."""

import uuid
from datetime import date, datetime

from pydantic import SecretBytes

from datasources.sealing import KeyRing
from datasources.sql.consent import ConsentKind
from datasources.sql.database import Database
from datasources.sql.user_account import UserAccounts, Verification
from domain.audit.actor import Actor
from domain.certificates.resident_id import check_character
from domain.identity.login_codes import phone_index
from domain.identity.sign_in import with_phone
from domain.masking import mask_name
from domain.patients.changes import Owner, add_patient
from domain.patients.consent import CURRENT_VERSIONS, give_consent
from domain.patients.details import GivenPatient
from domain.verification.decision import ACCOUNTS_NAME

PHONE = "+8613800000000"
NAME = "演示患者"


async def demo_patient(database: Database, ring: KeyRing, now: datetime, today: date) -> str:
    """The phone to sign in with. The account is made once; what its owner did with it since stays."""
    async with database.unit_of_work() as session:
        accounts = UserAccounts(session)
        if await accounts.by_phone_index(phone_index(ring, PHONE)) is not None:
            return PHONE
        account = with_phone(ring, uuid.uuid4(), PHONE)
        account.nickname = "demo"
        account.verification = Verification.VERIFIED
        account.sealed_name = ring.seal(ACCOUNTS_NAME, str(account.id), SecretBytes(NAME.encode()))
        account.masked_name = mask_name(NAME)
        session.add(account)
        await session.flush()
        actor = Actor.system("demo", now)
        await give_consent(
            session, actor, account.id, ConsentKind.HEALTH_DATA, CURRENT_VERSIONS[ConsentKind.HEALTH_DATA]
        )
        owner = Owner(account.id, actor, today)
        for name, born, order in ((NAME, date(1985, 4, 12), "128"), ("演示母亲", date(1958, 9, 3), "244")):
            await add_patient(session, ring, owner, _patient(name, born, order))
    return PHONE


def _patient(name: str, born: date, order: str) -> GivenPatient:
    body = f"110105{born:%Y%m%d}{order}"
    return GivenPatient(name=name, certificate_kind="10", certificate_number=body + check_character(body), phone=PHONE)
