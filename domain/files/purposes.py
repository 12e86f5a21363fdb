"""What each purpose of a file allows."""

from collections.abc import Mapping
from dataclasses import dataclass

from datasources.sql.consent import ConsentKind
from datasources.sql.stored_file import FilePurpose, OwnerKind
from domain.permissions import Permission

JPEG = "image/jpeg"
PNG = "image/png"
WEBP = "image/webp"
PDF = "application/pdf"
HEIC_TYPES = frozenset({"image/heic", "image/heif"})
PICTURES = frozenset({JPEG, PNG, WEBP})

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class PurposeRule:
    """Limits of one purpose, and how its files are kept."""

    content_types: frozenset[str]
    """What may be uploaded; empty for what only the platform makes."""
    most_bytes: int
    most_files: int
    """Files of one owner that may stand at a time, those being uploaded included."""
    longest_edge: int
    """Pixels; a larger picture is scaled down."""
    sealed: bool
    """Encrypted under a key of its own before it reaches a store."""
    public: bool
    """Kept where everybody may read it once it was inspected."""
    owners: frozenset[OwnerKind]
    readers: Permission | None
    """Who beside the owner may have a link; None: nobody, except by what asks for a reason."""
    consent: ConsentKind | None = None
    """What the owner must have agreed to before the first byte is taken."""


_USER = frozenset({OwnerKind.USER})
_ANYBODY = frozenset(OwnerKind)

RULES: Mapping[FilePurpose, PurposeRule] = {
    FilePurpose.IDENTITY_PICTURE: PurposeRule(
        PICTURES,
        10 * MEBIBYTE,
        8,
        2560,
        sealed=True,
        public=False,
        owners=_USER,
        readers=None,
        consent=ConsentKind.IDENTITY_PICTURES,
    ),
    FilePurpose.AVATAR: PurposeRule(
        PICTURES, 5 * MEBIBYTE, 3, 512, sealed=False, public=True, owners=_ANYBODY, readers=Permission.READ_FILES
    ),
    FilePurpose.HOSPITAL_LICENCE: PurposeRule(
        PICTURES | {PDF},
        20 * MEBIBYTE,
        10,
        3508,
        sealed=False,
        public=False,
        owners=_ANYBODY,
        readers=Permission.READ_FILES,
    ),
    FilePurpose.EXPORT: PurposeRule(frozenset(), 0, 20, 0, sealed=True, public=False, owners=_ANYBODY, readers=None),
}
