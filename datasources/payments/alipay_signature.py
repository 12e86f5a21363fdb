"""Alipay's RSA2 signatures: of requests, of answers over their verbatim text, and of notifies.

https://opendocs.alipay.com/common/02kf5q (requests), /common/02mse7 (answers and notifies)
"""

import json
from collections.abc import Mapping

from cryptography.hazmat.primitives.asymmetric import rsa

from datasources.payments.rsa_signatures import is_signed, signature_of

SIGN_TYPE = "RSA2"
_UNSIGNED_IN_REQUESTS = frozenset({"sign"})
_UNSIGNED_IN_NOTIFIES = frozenset({"sign", "sign_type"})
_DECODER = json.JSONDecoder()
_SPACE = " \t\r\n"


def signed_parameters(parameters: Mapping[str, str], key: rsa.RSAPrivateKey) -> dict[str, str]:
    """The same parameters with their `sign`."""
    message = _message(parameters, _UNSIGNED_IN_REQUESTS)
    return {**parameters, "sign": signature_of(key, message)}


def is_signed_request(parameters: Mapping[str, str], key: rsa.RSAPublicKey) -> bool:
    """Whether the owner of the key signed exactly this request; the provider's side of it."""
    message = _message(parameters, _UNSIGNED_IN_REQUESTS)
    return is_signed(key, message, parameters.get("sign", ""))


def signed_notify(fields: Mapping[str, str], key: rsa.RSAPrivateKey) -> dict[str, str]:
    """A notify's fields with their signature; the provider's side of it."""
    message = _message(fields, _UNSIGNED_IN_NOTIFIES)
    return {**fields, "sign_type": SIGN_TYPE, "sign": signature_of(key, message)}


def is_signed_notify(fields: Mapping[str, str], key: rsa.RSAPublicKey) -> bool:
    """Whether Alipay signed exactly these fields."""
    if fields.get("sign_type") != SIGN_TYPE:
        return False
    return is_signed(key, _message(fields, _UNSIGNED_IN_NOTIFIES), fields.get("sign", ""))


def verbatim_members(text: str) -> dict[str, str]:
    """The members of a JSON object, each as it is written. Raises ValueError when it is none.

    Alipay signs an answer's inner object as it stands in the text, so it must not be decoded and encoded again.
    """
    members: dict[str, str] = {}
    at = _past(text, 0, "{")
    while not text.startswith("}", at):
        if members:
            at = _past(text, at, ",")
        name, at = _DECODER.raw_decode(text, at)
        if not isinstance(name, str) or name in members:
            raise ValueError("the members of an object have names, each its own")
        at = _past(text, at, ":")
        _, end = _DECODER.raw_decode(text, at)
        members[name] = text[at:end]
        at = _spaced(text, end)
    if text[at + 1 :].strip(_SPACE):
        raise ValueError("something follows the object")
    return members


def _message(parameters: Mapping[str, str], unsigned: frozenset[str]) -> bytes:
    parts = (f"{name}={value}" for name, value in sorted(parameters.items()) if value and name not in unsigned)
    return "&".join(parts).encode()


def _past(text: str, at: int, mark: str) -> int:
    at = _spaced(text, at)
    if not text.startswith(mark, at):
        raise ValueError(f"expected {mark} at {at}")
    return _spaced(text, at + 1)


def _spaced(text: str, at: int) -> int:
    while at < len(text) and text[at] in _SPACE:
        at += 1
    return at
