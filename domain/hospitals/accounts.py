"""What a hospital's account must look like. Pure."""

import re

# A hospital's own code stands in addresses and keys: `:` parts it from a session's id.
_CODE = re.compile(r"[A-Za-z0-9_.\-]{1,64}")


def is_hospital_code(code: str) -> bool:
    """Whether a hospital can have this code: 1 to 64 letters, digits, dots, hyphens or underscores."""
    return _CODE.fullmatch(code) is not None
