"""The patient that the demo shows can sign in and book."""

from datetime import UTC, date, datetime

from datasources.sealing import KeyRing
from datasources.sql.patient import Patients
from datasources.sql.user_account import UserAccounts, Verification
from datasources.stores import Stores
from domain.dictionary.seed import ensure_dictionary
from domain.identity.login_codes import phone_index
from domain.identity.sign_in import phone_of
from server.demo_patient import PHONE, demo_patient
from server.root_key import key_ring
from server.settings import Settings

NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)


async def test_the_demos_patient_is_known_and_made_once(stores: Stores, settings: Settings) -> None:
    await ensure_dictionary(stores.sql)
    ring: KeyRing = key_ring(settings)
    for _ in range(2):
        assert await demo_patient(stores.sql, ring, NOW, date(2026, 11, 20)) == PHONE
    async with stores.sql.read() as session:
        account = await UserAccounts(session).by_phone_index(phone_index(ring, PHONE))
        assert account is not None
        patients = await Patients(session).of_user(account.id)
    assert account.verification == Verification.VERIFIED
    assert phone_of(ring, account) == PHONE
    assert len(patients) == 2
