"""The loaders of one request: each nested read is batched into one round trip."""

from collections.abc import Awaitable, Callable, Hashable, Mapping
from datetime import date, datetime
from typing import TypeVar
from uuid import UUID

from strawberry.dataloader import DataLoader

from datasources.mongo.departments import DepartmentReads, DepartmentSlice
from datasources.mongo.doctor_slices import DoctorGroup, DoctorSlice, DoctorSlices
from datasources.mongo.doctors import DoctorReads
from datasources.mongo.documents import DepartmentDocument, DoctorDocument, HospitalDocument, ScheduleDocument
from datasources.mongo.hospitals import HospitalReads
from datasources.mongo.schedules import ScheduleReads
from datasources.sql.booking_bans import BookingBans
from datasources.sql.booking_order import BookingOrder
from datasources.sql.booking_order_reads import BookingOrderReads
from datasources.sql.booking_orders import BookingOrders
from datasources.sql.dictionary import Dictionary, DictItem
from datasources.sql.order_event import OrderEventRow
from datasources.sql.payment import Payment
from datasources.sql.payments import Payments
from datasources.sql.refund import RefundRow
from datasources.sql.refunds import Refunds
from datasources.sql.session_queues import QueuePlace, SessionQueues
from datasources.sql.slot_ledger import SlotLedger
from datasources.sql.slot_ledger_reads import DayTotals, DepartmentDay, DepartmentSpan, HospitalFrom, SlotLedgerReads
from datasources.sql.staff_account import StaffAccount, StaffAccounts
from datasources.sql.user_account import UserAccount, UserAccounts
from datasources.stores import Stores

MOST_WITHDRAWN = 20
"""Withdrawn sessions that are told of each hospital."""

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


def loader_of(
    read: Callable[[list[Key]], Awaitable[Mapping[Key, Value]]],
) -> DataLoader[Key, Value | None]:
    """A loader over a read that answers a mapping; keys that it lacks load as None."""

    async def load(keys: list[Key]) -> list[Value | None]:
        found = await read(keys)
        return [found.get(key) for key in keys]

    return DataLoader(load_fn=load)


class Loaders:
    """Made per operation, so nothing is remembered between callers. Named `<value>_by_<key>`."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        departments = DepartmentReads()
        self.hospital_by_code: DataLoader[str, HospitalDocument | None] = loader_of(HospitalReads().by_codes)
        self.department_by_id: DataLoader[str, DepartmentDocument | None] = loader_of(departments.by_ids)
        self.departments_by_hospital: DataLoader[str, list[DepartmentDocument] | None] = loader_of(
            departments.of_hospitals
        )
        self.departments_by_slice: DataLoader[DepartmentSlice, list[DepartmentDocument] | None] = loader_of(
            departments.slices
        )
        self.leaf_count_by_hospital_and_text: DataLoader[tuple[str, str], int | None] = loader_of(
            departments.leaf_counts
        )
        doctors = DoctorSlices()
        self.doctors_by_slice: DataLoader[DoctorSlice, list[DoctorDocument] | None] = loader_of(doctors.slices)
        self.doctor_count_by_group: DataLoader[DoctorGroup, int | None] = loader_of(doctors.counts)
        self.doctor_by_id: DataLoader[str, DoctorDocument | None] = loader_of(DoctorReads().by_ids)
        self.schedule_text_by_id: DataLoader[str, ScheduleDocument | None] = loader_of(ScheduleReads().by_ids)
        self.session_by_id: DataLoader[str, SlotLedger | None] = loader_of(self._sessions)
        self.sessions_by_department_day: DataLoader[DepartmentDay, list[SlotLedger] | None] = loader_of(
            self._sessions_of_days
        )
        self.day_totals_by_span: DataLoader[DepartmentSpan, dict[date, DayTotals] | None] = loader_of(self._day_totals)
        self.withdrawn_by_hospital: DataLoader[HospitalFrom, list[SlotLedger] | None] = loader_of(self._withdrawn)
        self.user_by_id: DataLoader[UUID, UserAccount | None] = loader_of(self._users)
        self.staff_by_id: DataLoader[UUID, StaffAccount | None] = loader_of(self._staff)
        self.last_ban_end_by_patient: DataLoader[UUID, datetime | None] = loader_of(self._last_ban_ends)
        self.history_by_order: DataLoader[UUID, list[OrderEventRow] | None] = loader_of(self._histories)
        self.order_by_id: DataLoader[UUID, BookingOrder | None] = loader_of(self._orders)
        self.payments_by_order: DataLoader[UUID, list[Payment] | None] = loader_of(self._payments)
        self.refunds_by_order: DataLoader[UUID, list[RefundRow] | None] = loader_of(self._refunds)
        self.queue_place_by_order: DataLoader[UUID, QueuePlace | None] = loader_of(self._queue_places)
        self.dict_item_by_id: DataLoader[int, DictItem | None] = loader_of(self._dict_items)
        self.dict_children_by_parent_id: DataLoader[int, list[DictItem] | None] = loader_of(self._dict_children)
        self.dict_item_by_code_and_value: DataLoader[tuple[str, str], DictItem | None] = loader_of(
            self._dict_items_by_value
        )

    async def _users(self, ids: list[UUID]) -> Mapping[UUID, UserAccount]:
        async with self._stores.sql.read() as session:
            return await UserAccounts(session).by_ids(ids)

    async def _staff(self, ids: list[UUID]) -> Mapping[UUID, StaffAccount]:
        async with self._stores.sql.read() as session:
            return await StaffAccounts(session).by_ids(ids)

    async def _sessions(self, ids: list[str]) -> dict[str, SlotLedger]:
        async with self._stores.sql.read() as session:
            return await SlotLedgerReads(session).by_ids(ids)

    async def _sessions_of_days(self, days: list[DepartmentDay]) -> dict[DepartmentDay, list[SlotLedger]]:
        async with self._stores.sql.read() as session:
            return await SlotLedgerReads(session).sessions_of_days(days)

    async def _day_totals(self, spans: list[DepartmentSpan]) -> dict[DepartmentSpan, dict[date, DayTotals]]:
        async with self._stores.sql.read() as session:
            return await SlotLedgerReads(session).day_totals(spans)

    async def _withdrawn(self, spans: list[HospitalFrom]) -> dict[HospitalFrom, list[SlotLedger]]:
        async with self._stores.sql.read() as session:
            return await SlotLedgerReads(session).withdrawn(spans, MOST_WITHDRAWN)

    async def _histories(self, order_ids: list[UUID]) -> Mapping[UUID, list[OrderEventRow]]:
        async with self._stores.sql.read() as session:
            return await BookingOrderReads(session).histories(order_ids)

    async def _orders(self, ids: list[UUID]) -> Mapping[UUID, BookingOrder]:
        async with self._stores.sql.read() as session:
            return await BookingOrders(session).by_ids(ids)

    async def _payments(self, order_ids: list[UUID]) -> Mapping[UUID, list[Payment]]:
        async with self._stores.sql.read() as session:
            return await Payments(session).of_orders(order_ids)

    async def _refunds(self, order_ids: list[UUID]) -> Mapping[UUID, list[RefundRow]]:
        async with self._stores.sql.read() as session:
            return await Refunds(session).of_orders(order_ids)

    async def _last_ban_ends(self, patient_ids: list[UUID]) -> Mapping[UUID, datetime]:
        async with self._stores.sql.read() as session:
            return await BookingBans(session).latest_ends(patient_ids)

    async def _queue_places(self, ids: list[UUID]) -> Mapping[UUID, QueuePlace]:
        async with self._stores.sql.read() as session:
            return await SessionQueues(session).places(ids)

    async def _dict_items(self, ids: list[int]) -> Mapping[int, DictItem]:
        async with self._stores.sql.read() as session:
            return await Dictionary(session).by_ids(ids)

    async def _dict_children(self, parent_ids: list[int]) -> Mapping[int, list[DictItem]]:
        async with self._stores.sql.read() as session:
            return await Dictionary(session).children_by_parent_ids(parent_ids)

    async def _dict_items_by_value(self, pairs: list[tuple[str, str]]) -> Mapping[tuple[str, str], DictItem]:
        async with self._stores.sql.read() as session:
            return await Dictionary(session).by_parent_code_and_values(pairs)
