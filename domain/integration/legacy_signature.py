"""How older hospital systems sign a form: MD5 over the values, sorted by their names.

It is what it is: names aren't signed, values run into each other at the separator, and MD5 is broken. What can be done
about it here is done in `legacy_verification.py`; docs/legacy-adapter.md says what can't.
"""

import hashlib
from collections.abc import Mapping

SEPARATOR = "|"
SIGNATURE = "sign"


def legacy_signature(values: Mapping[str, str], key: str) -> str:
    """32 lower-case hexadecimal digits: of each value but the signature itself, by name, and of the key behind them."""
    signed = [values[name] for name in sorted(values) if name != SIGNATURE]
    # The rule is theirs; nothing but this protocol rests on it.
    return hashlib.md5(SEPARATOR.join([*signed, key]).encode(), usedforsecurity=False).hexdigest()
