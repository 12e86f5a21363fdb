"""Codes and tokens of telephones. Both are random, and only their hashes are stored. Pure.

A token has 256 random bits, so a plain hash keeps it; a code has 100 bits, lives minutes and is used once.
"""

import hashlib
import secrets
from uuid import UUID

from pydantic import SecretStr

TOKEN_PREFIX = "htbphone_"  # noqa: S105 - what every such token begins with
# Without letters and digits that people mistake for each other: some type the code.
_ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
CODE_CHARACTERS = 20
_GROUP = 5


def new_token() -> SecretStr:
    """A token for a telephone."""
    return SecretStr(TOKEN_PREFIX + secrets.token_urlsafe(32))


def new_code() -> SecretStr:
    """`XXXXX-XXXXX-XXXXX-XXXXX`."""
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(CODE_CHARACTERS))
    return SecretStr("-".join(letters[at : at + _GROUP] for at in range(0, CODE_CHARACTERS, _GROUP)))


def token_hash(token: str) -> bytes:
    """What is stored of a token."""
    return hashlib.sha256(b"sms-phone-token:" + token.encode()).digest()


def code_hash(code: str) -> bytes:
    """What is stored of a code, in whatever case and with whatever dashes and spaces it was typed."""
    plain = "".join(each for each in code.upper() if each.isalnum())
    return hashlib.sha256(b"sms-phone-code:" + plain.encode()).digest()


def enrolment_id(of_token: bytes) -> UUID:
    """Names the enrolment that a token belongs to, by the token's hash."""
    return UUID(bytes=of_token[:16])
