"""Passwords of staff: hashed with argon2id, in threads of their own and few at a time."""

import asyncio
import secrets
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# OWASP's figures for argon2id: https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
# argon2 releases the GIL; two at a time bound what a flood of sign-ins takes of CPU and memory.
_THREADS = ThreadPoolExecutor(max_workers=2, thread_name_prefix="password")
# No letters or digits that are read for one another.
_READABLE = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_GENERATED_LENGTH = 20


async def password_hash(password: str) -> str:
    """What is stored of a password."""
    return await asyncio.get_running_loop().run_in_executor(_THREADS, _HASHER.hash, password)


async def is_password(stored: str | None, password: str) -> bool:
    """Whether the stored hash is of this password. None, for an unknown name, takes as long and is never right."""
    return await asyncio.get_running_loop().run_in_executor(_THREADS, _verify, stored, password)


def generated_password() -> str:
    """A random password of 20 characters (115 bits), to be handed over once and changed."""
    return "".join(secrets.choice(_READABLE) for _ in range(_GENERATED_LENGTH))


def _verify(stored: str | None, password: str) -> bool:
    try:
        right = _HASHER.verify(stored or _nobodys(), password)
    except (VerificationError, InvalidHashError):
        return False
    return right and stored is not None


@cache
def _nobodys() -> str:
    return _HASHER.hash(secrets.token_hex(16))
