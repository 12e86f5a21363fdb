"""RSA with SHA-256 and PKCS #1 v1.5, the one signature of both providers, and the forms in which they hand out keys."""

import base64
import binascii

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa


def private_key_of(text: str) -> rsa.RSAPrivateKey:
    """The private key in PEM, or in bare base64 of PKCS #8 or PKCS #1. Raises ValueError."""
    if "-----BEGIN" in text:
        key = serialization.load_pem_private_key(text.encode(), password=None)
    else:
        key = serialization.load_der_private_key(_bare(text), password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise ValueError("it is a private key, but not an RSA one")  # noqa: TRY004 - a wrong key is a wrong value
    return key


def public_key_of(text: str) -> rsa.RSAPublicKey:
    """The public key in PEM, in bare base64, or inside a certificate in PEM. Raises ValueError."""
    key: object
    if "-----BEGIN CERTIFICATE" in text:
        key = x509.load_pem_x509_certificate(text.encode()).public_key()
    elif "-----BEGIN" in text:
        key = serialization.load_pem_public_key(text.encode())
    else:
        key = serialization.load_der_public_key(_bare(text))
    if not isinstance(key, rsa.RSAPublicKey):
        raise ValueError("it is a public key, but not an RSA one")  # noqa: TRY004
    return key


def signature_of(key: rsa.RSAPrivateKey, message: bytes) -> str:
    """The signature in base64."""
    return base64.b64encode(key.sign(message, padding.PKCS1v15(), hashes.SHA256())).decode()


def is_signed(key: rsa.RSAPublicKey, message: bytes, signature: str) -> bool:
    """Whether the owner of the key signed the message."""
    try:
        key.verify(base64.b64decode(signature, validate=True), message, padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def _bare(text: str) -> bytes:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except binascii.Error as error:
        raise ValueError("a key is PEM text, or base64 without its first and last line") from error
