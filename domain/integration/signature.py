"""How a hospital's system signs a request, and how the signature is checked. Pure: no clock, no store.

The protocol is published in docs/integration-signature.md, with test vectors beside it.
"""

import hashlib
import hmac
import re
from datetime import UTC, datetime

from domain.integration.authorization_header import SCHEME, Proof
from domain.language import Words
from domain.refusals import Refusal, RefusalCode

WINDOW_SECONDS = 5 * 60
"""How far a request's timestamp may be from the server's clock, either way, bounds included."""

_METHOD = re.compile(r"[A-Z]{1,16}")
_TARGET = re.compile(r"/[!-~]*")

_BAD_METHOD = Words(
    "无法对该请求方法签名：应为大写字母，例如 POST。",
    "This method can't be signed: it must be upper-case letters such as POST.",
)
_BAD_TARGET = Words(
    "无法对该请求路径签名：应以“/”开头，且只含可见的 ASCII 字符，其他字符请用百分号编码。",
    "This target can't be signed: it must begin with / and hold visible ASCII only. Percent-encode everything else.",
)
_BEHIND = Words(
    "签名已过期：您的时钟比服务器慢 {difference} 秒（最多允许 {window} 秒）。"
    "服务器时间为 {server_time}（Unix {server_unix}）。请校准时钟后重新签名。",
    "The signature's time is out: your clock is {difference} s behind the server's ({window} s are allowed). "
    "The server's time is {server_time} (Unix {server_unix}). Set your clock and sign again.",
)
_AHEAD = Words(
    "签名时间无效：您的时钟比服务器快 {difference} 秒（最多允许 {window} 秒）。"
    "服务器时间为 {server_time}（Unix {server_unix}）。请校准时钟后重新签名。",
    "The signature's time is out: your clock is {difference} s ahead of the server's ({window} s are allowed). "
    "The server's time is {server_time} (Unix {server_unix}). Set your clock and sign again.",
)


def string_to_sign(*, key_id: str, timestamp: int, nonce: str, method: str, target: str, body: bytes) -> bytes:
    """The bytes under the HMAC. Raises SIGNATURE_MALFORMED for a method or target that has no one reading.

    No line can hold a line feed, so two different requests never have the same string.
    """
    if not _METHOD.fullmatch(method):
        raise Refusal(RefusalCode.SIGNATURE_MALFORMED, _BAD_METHOD)
    if not _TARGET.fullmatch(target):
        raise Refusal(RefusalCode.SIGNATURE_MALFORMED, _BAD_TARGET)
    lines = (SCHEME, key_id, str(timestamp), nonce, method, target, hashlib.sha256(body).hexdigest())
    return "\n".join(lines).encode("ascii")


def signature_over(secret: bytes, text: bytes) -> str:
    """HMAC-SHA256 of the string to sign, 64 lower-case hexadecimal digits."""
    return hmac.new(secret, text, hashlib.sha256).hexdigest()


def check_time(timestamp: int, now: datetime) -> None:
    """Raise SIGNATURE_EXPIRED unless the timestamp (Unix seconds) is within five minutes of now, either way."""
    server_unix = int(now.timestamp())
    difference = timestamp - server_unix
    if abs(difference) > WINDOW_SECONDS:
        raise Refusal(
            RefusalCode.SIGNATURE_EXPIRED,
            _AHEAD if difference > 0 else _BEHIND,
            difference=abs(difference),
            window=WINDOW_SECONDS,
            server_time=now.astimezone(UTC).isoformat(timespec="seconds"),
            server_unix=server_unix,
        )


def signature_holds(proof: Proof, secret: bytes, *, method: str, target: str, body: bytes) -> bool:
    """Whether whoever made this proof knew the secret and signed this very request. Takes the same time either way.

    Raises SIGNATURE_MALFORMED for a request that can't be signed at all.
    """
    text = string_to_sign(
        key_id=proof.key_id, timestamp=proof.timestamp, nonce=proof.nonce, method=method, target=target, body=body
    )
    return hmac.compare_digest(signature_over(secret, text), proof.signature)
