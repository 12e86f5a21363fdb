"""Recovery codes: what a staff member signs in with once when the authenticator is lost."""

import hashlib
import secrets

COUNT = 10
# Without 0, O, 1, I, L and U: nothing to misread, and no words.
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 12


def new_codes() -> list[str]:
    """Ten fresh codes of 58 bits each, written in groups: `7KQX-M2PA-9TRD`."""
    return [_grouped("".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))) for _ in range(COUNT)]


def code_hash(code: str) -> str:
    """What is kept of a code. Random codes of this length can't be guessed from a plain hash."""
    normal = code.replace("-", "").replace(" ", "").upper()
    return hashlib.sha256(normal.encode()).hexdigest()


def _grouped(code: str) -> str:
    return "-".join(code[at : at + 4] for at in range(0, _LENGTH, 4))
