"""The Authorization header of a signed request, read strictly: what doesn't fit is named, never guessed.

    HTB1-HMAC-SHA256 Credential=<key id>, Timestamp=<unix seconds>, Nonce=<16-64>, Signature=<64 hex>

The protocol is published in docs/integration-signature.md.
"""

import re
from dataclasses import dataclass

from domain.language import Words
from domain.refusals import Refusal, RefusalCode

SCHEME = "HTB1-HMAC-SHA256"
LONGEST_HEADER = 512
LONGEST_ECHO = 32

_FORMS = {
    "Credential": re.compile(r"[A-Za-z0-9_-]{1,64}"),
    # No sign and no leading zero: one number has one spelling, so what is signed is what is compared.
    "Timestamp": re.compile(r"[1-9][0-9]{0,11}"),
    "Nonce": re.compile(r"[A-Za-z0-9_-]{16,64}"),
    "Signature": re.compile(r"[0-9a-f]{64}"),
}

_OTHER_SCHEME = Words(
    "不支持的 Authorization 方案。医院系统请使用 " + SCHEME + " 签名；访客请不要发送该请求头。",
    "This Authorization scheme isn't accepted. Hospital systems sign with "
    + SCHEME
    + "; visitors send no such header.",
)
_TOO_LONG = Words(
    "Authorization 请求头有 {length} 个字符，最多 {most} 个。",
    "The Authorization header has {length} characters; the most is {most}.",
)
_NOT_A_PAIR = Words(
    "Authorization 请求头的第 {position} 部分（{part}）不是“名称=值”的形式，各部分请用逗号分隔。",
    "Part {position} of the Authorization header, {part}, isn't Name=value. Separate the parts by commas.",
)
_UNKNOWN_NAME = Words(
    "Authorization 请求头中有未知的 {name}。只能有 Credential、Timestamp、Nonce、Signature，区分大小写。",
    "The Authorization header has an unknown {name}. "
    "It holds Credential, Timestamp, Nonce and Signature, in this spelling.",
)
_REPEATED = Words(
    "Authorization 请求头中 {name} 出现了多次，只能出现一次。",
    "{name} stands more than once in the Authorization header; give it once.",
)
_MISSING = Words(
    "Authorization 请求头缺少 {names}。",
    "The Authorization header lacks {names}.",
)
_WRONG_FORM = {
    "Credential": Words(
        "Credential 应为密钥编号：1 至 64 个字母、数字、下划线或连字符。",
        "Credential must be the key id: 1 to 64 letters, digits, underscores or hyphens.",
    ),
    "Timestamp": Words(
        "Timestamp 应为 Unix 时间，整数秒，十进制，不带正负号和前导零。",
        "Timestamp must be Unix time in whole seconds, in decimal, without sign or leading zeros.",
    ),
    "Nonce": Words(
        "Nonce 应为 16 至 64 个字母、数字、下划线或连字符，每个请求都要新生成。",
        "Nonce must be 16 to 64 letters, digits, underscores or hyphens, made afresh for each request.",
    ),
    "Signature": Words(
        "Signature 应为 64 位小写十六进制的 HMAC-SHA256。",
        "Signature must be the HMAC-SHA256 as 64 lower-case hexadecimal digits.",
    ),
}


@dataclass(frozen=True, slots=True)
class Proof:
    """What a caller claims. Nothing of it is proved yet."""

    key_id: str
    timestamp: int
    """Unix seconds, by the caller's clock."""
    nonce: str
    signature: str
    """64 lower-case hexadecimal digits."""


def parse_authorization(header: str) -> Proof:
    """The header's four values. Raises UNAUTHENTICATED for another scheme, SIGNATURE_MALFORMED for anything amiss.

    Parts may come in any order; each exactly once. The scheme's letters may be of either case (RFC 9110 §11.1).
    """
    scheme, _, parameters = header.partition(" ")
    if scheme.upper() != SCHEME:
        raise Refusal(RefusalCode.UNAUTHENTICATED, _OTHER_SCHEME)
    if len(header) > LONGEST_HEADER:
        raise _malformed(_TOO_LONG, length=len(header), most=LONGEST_HEADER)
    values = _named_values(parameters)
    missing = [name for name in _FORMS if name not in values]
    if missing:
        raise _malformed(_MISSING, names=", ".join(missing))
    for name, form in _FORMS.items():
        if not form.fullmatch(values[name]):
            raise _malformed(_WRONG_FORM[name])
    return Proof(values["Credential"], int(values["Timestamp"]), values["Nonce"], values["Signature"])


def _named_values(parameters: str) -> dict[str, str]:
    values: dict[str, str] = {}
    if not parameters.strip(" \t"):
        return values
    for position, raw in enumerate(parameters.split(","), start=1):
        # Only what RFC 9110 calls optional white space; str.strip() alone would also take Unicode's spaces.
        part = raw.strip(" \t")
        name, equals, value = part.partition("=")
        if not equals:
            raise _malformed(_NOT_A_PAIR, position=position, part=_echo(part))
        if name not in _FORMS:
            raise _malformed(_UNKNOWN_NAME, name=_echo(name))
        if name in values:
            raise _malformed(_REPEATED, name=name)
        values[name] = value
    return values


def _malformed(words: Words, **values: object) -> Refusal:
    return Refusal(RefusalCode.SIGNATURE_MALFORMED, words, **values)


def _echo(text: str) -> str:
    """A stranger's text, short and without control characters, to be shown back."""
    return ascii(text[:LONGEST_ECHO])
