"""Links to this server that prove by themselves what they allow: each of their terms is under the signature.

`signature = HMAC-SHA256(link key, method, path, every other query parameter sorted)`. A link is made for one caller,
who is named in it and so stands in whatever is logged of its use; it is worth nothing once it has expired.
"""

import hmac
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import quote, urlencode

from datasources.storage.object_store import LINK_SECONDS

_EXPIRES = "expires"
_SIGNATURE = "signature"
_SUBJECT = "subject"


class LinkFault(StrEnum):
    """Why a link is not honoured."""

    ALTERED = "ALTERED"
    EXPIRED = "EXPIRED"


class LinkRefusedError(Exception):
    """The link is not one that this server made, or no longer is."""

    def __init__(self, fault: LinkFault) -> None:
        self.fault = fault
        super().__init__(fault)


class SignedLinks:
    """Makes and checks links. One key for all: the path says what a link is for."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def make(self, method: str, path: str, terms: Mapping[str, str], *, now: datetime, subject: str) -> str:
        """The path with its terms, good for five minutes. `subject` is whom it is made for."""
        expires = int((now + timedelta(seconds=LINK_SECONDS)).timestamp())
        whole = {**terms, _SUBJECT: subject, _EXPIRES: str(expires)}
        signature = self._signature(method, path, whole)
        return f"{quote(path)}?{urlencode({**whole, _SIGNATURE: signature})}"

    def terms(self, method: str, path: str, query: Iterable[tuple[str, str]], *, now: datetime) -> dict[str, str]:
        """The terms of a link that holds. Raises LinkRefusedError."""
        pairs = list(query)
        whole = dict(pairs)
        signature = whole.pop(_SIGNATURE, "")
        # A name given twice could be read one way here and another way elsewhere.
        if len(pairs) != len(whole) + 1 or not hmac.compare_digest(
            signature.encode(), self._signature(method, path, whole).encode()
        ):
            raise LinkRefusedError(LinkFault.ALTERED)
        if now.timestamp() >= int(whole[_EXPIRES]):
            raise LinkRefusedError(LinkFault.EXPIRED)
        return whole

    def _signature(self, method: str, path: str, terms: Mapping[str, str]) -> str:
        message = "\n".join([method, quote(path), urlencode(sorted(terms.items()))])
        return hmac.digest(self._key, message.encode(), "sha256").hex()
