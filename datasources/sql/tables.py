"""Every table: importing this module fills the metadata that migrations are compared with."""

from sqlmodel import SQLModel

from datasources.sql.audit_entry import AuditEntry
from datasources.sql.catalogue_push import CataloguePush
from datasources.sql.dictionary import DictItem
from datasources.sql.hospital_account import HospitalAccount
from datasources.sql.integration_key import IntegrationKey
from datasources.sql.sign_in_session import SignInSession
from datasources.sql.slot_ledger import SlotLedger
from datasources.sql.staff_account import StaffAccount
from datasources.sql.user_account import UserAccount

TABLES = (
    AuditEntry,
    CataloguePush,
    DictItem,
    HospitalAccount,
    IntegrationKey,
    SignInSession,
    SlotLedger,
    StaffAccount,
    UserAccount,
)
METADATA = SQLModel.metadata
