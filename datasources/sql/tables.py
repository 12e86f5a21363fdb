"""Every table: importing this module fills the metadata that migrations are compared with."""

from sqlmodel import SQLModel

from datasources.sql.catalogue_push import CataloguePush
from datasources.sql.dictionary import DictItem
from datasources.sql.hospital_account import HospitalAccount
from datasources.sql.integration_key import IntegrationKey
from datasources.sql.slot_ledger import SlotLedger

TABLES = (CataloguePush, DictItem, HospitalAccount, IntegrationKey, SlotLedger)
METADATA = SQLModel.metadata
