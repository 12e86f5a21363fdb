"""Aliyun's request signature ACS3-HMAC-SHA256. Pure.

https://help.aliyun.com/zh/sdk/product-overview/v3-request-structure-and-signature
"""

import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import quote

ALGORITHM = "ACS3-HMAC-SHA256"


def canonical_query(parameters: Mapping[str, str]) -> str:
    """The parameters as they are signed and sent: sorted, percent-encoded but for `-_.~`."""
    return "&".join(f"{quote(name, safe='~')}={quote(parameters[name], safe='~')}" for name in sorted(parameters))


def authorization(query: str, headers: Mapping[str, str], key_id: str, secret: str) -> str:
    """The Authorization header of a POST to `/` with this canonical query, an empty body and these headers, whose names
    are in lower case and of which `x-acs-content-sha256` is one."""
    names = sorted(headers)
    signed_names = ";".join(names)
    lines = "".join(f"{name}:{headers[name].strip()}\n" for name in names)
    canonical = f"POST\n/\n{query}\n{lines}\n{signed_names}\n{headers['x-acs-content-sha256']}"
    to_sign = f"{ALGORITHM}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signature = hmac.new(secret.encode(), to_sign.encode(), hashlib.sha256).hexdigest()
    return f"{ALGORITHM} Credential={key_id},SignedHeaders={signed_names},Signature={signature}"
