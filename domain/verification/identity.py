"""Who somebody states to be, and the row it is sealed in. Nothing here has a repr that a log could show."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from pydantic import SecretBytes

from datasources.sealing import KeyRing
from datasources.sql.verification_request import VerificationRequest
from domain.certificates.kinds import Certificate, CertificateKind

INDEX_KIND = "verification.certificate"
SEALED_NAME = "verification_request.sealed_name"
SEALED_CERTIFICATE = "verification_request.sealed_certificate"

TWO_SIDED = frozenset({CertificateKind.RESIDENT_ID.value})
"""Kinds whose back is needed too: it tells until when the certificate is valid."""


@dataclass(frozen=True, slots=True, repr=False)
class GivenIdentity:
    """What somebody hands in, as typed, with the pictures of the certificate's sides."""

    name: str
    certificate_kind: str
    certificate_number: str
    front: UUID
    back: UUID | None = None

    @property
    def pictures(self) -> Sequence[tuple[str, UUID]]:
        """Each picture by the input's field that names it."""
        front = [("frontFileId", self.front)]
        return front if self.back is None else [*front, ("backFileId", self.back)]


@dataclass(frozen=True, slots=True, repr=False)
class Identity:
    """A name and a certificate's number in clear."""

    name: str
    certificate_number: str


def used_by(id: UUID) -> str:
    """How a request is named in the files that it needs."""
    return f"verification:{id}"


def certificate_index(ring: KeyRing, certificate: Certificate) -> bytes:
    """By which the same certificate is found again in another account's request."""
    return ring.blind_index(f"{INDEX_KIND}:{certificate.kind}", certificate.number)


def write_identity(ring: KeyRing, row: VerificationRequest, name: str, certificate: Certificate) -> None:
    """Put name and certificate into the row, whose id must stand."""
    row.sealed_name = ring.seal(SEALED_NAME, str(row.id), SecretBytes(name.encode()))
    row.certificate_kind = certificate.kind
    row.sealed_certificate = ring.seal(SEALED_CERTIFICATE, str(row.id), SecretBytes(certificate.number.encode()))
    row.certificate_index = certificate_index(ring, certificate)


def read_identity(ring: KeyRing, row: VerificationRequest) -> Identity | None:
    """Name and number; None once they are erased. Raises SealError if a value is not the row's own."""
    if row.sealed_name is None or row.sealed_certificate is None:
        return None
    name = ring.open(SEALED_NAME, str(row.id), row.sealed_name)
    number = ring.open(SEALED_CERTIFICATE, str(row.id), row.sealed_certificate)
    return Identity(name.get_secret_value().decode(), number.get_secret_value().decode())
