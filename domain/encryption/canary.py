"""Whether a key ring belongs to a database. The wrong key file after a restore is the classic disaster: records sealed
from then on open with one key and older ones with another, so no process works with a ring that fails here."""

import hmac

from pydantic import SecretBytes

from datasources.sealing import KeyRing, SealError
from datasources.sql.database import Database
from datasources.sql.key_canary import ONLY_ID, KeyCanaries, KeyCanary

FIELD = "key_canary.sealed_text"
INDEX_KIND = "key_canary"
TEXT = "htbooking"


class WrongRingError(Exception):
    """The ring doesn't belong to the database. The message says what to do and shows no key."""


async def check_ring(database: Database, ring: KeyRing) -> None:
    """Open the canary, sealed now if the database is new. Raises WrongRingError, or the store's error when it is down.

    The index shows a ring that opens everything but lost its lowest root, with which all stored indexes were made.
    """
    fresh = KeyCanary(
        id=ONLY_ID,
        sealed_text=ring.seal(FIELD, str(ONLY_ID), SecretBytes(TEXT.encode())),
        text_index=ring.blind_index(INDEX_KIND, TEXT),
    )
    async with database.unit_of_work() as session:
        standing = await KeyCanaries(session).first_or(fresh)
    try:
        ring.open(FIELD, str(ONLY_ID), standing.sealed_text)
    except SealError as error:
        raise WrongRingError(
            f"ROOT_KEY and RETIRED_ROOT_KEYS are not the keys of this database ({ring}). Restore the key that was "
            "backed up with it; docs/encryption.md says how."
        ) from error
    if not hmac.compare_digest(standing.text_index, ring.blind_index(INDEX_KIND, TEXT)):
        raise WrongRingError(
            f"the root key with the lowest id is missing or another one ({ring}): nothing stored would be found by "
            "phone or certificate. Keep that key in RETIRED_ROOT_KEYS; docs/encryption.md says why."
        )
