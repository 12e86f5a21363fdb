"""Every table: importing this module fills the metadata that migrations are compared with."""

from sqlmodel import SQLModel

from datasources.sql.audit_check import AuditCheck
from datasources.sql.audit_entry import AuditEntry
from datasources.sql.catalogue_push import CataloguePush
from datasources.sql.consent import Consent
from datasources.sql.data_export import DataExport
from datasources.sql.dictionary import DictItem
from datasources.sql.hospital_account import HospitalAccount
from datasources.sql.integration_key import IntegrationKey
from datasources.sql.key_canary import KeyCanary
from datasources.sql.key_rotation import KeyRotation
from datasources.sql.patient import Patient
from datasources.sql.sign_in_session import SignInSession
from datasources.sql.slot_ledger import SlotLedger
from datasources.sql.staff_account import StaffAccount
from datasources.sql.stored_file import StoredFile
from datasources.sql.user_account import UserAccount
from datasources.sql.verification_request import VerificationRequest

TABLES = (
    AuditCheck,
    AuditEntry,
    CataloguePush,
    Consent,
    DataExport,
    DictItem,
    HospitalAccount,
    IntegrationKey,
    KeyCanary,
    KeyRotation,
    Patient,
    SignInSession,
    SlotLedger,
    StaffAccount,
    StoredFile,
    UserAccount,
    VerificationRequest,
)
METADATA = SQLModel.metadata
