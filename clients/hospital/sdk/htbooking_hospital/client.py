"""The client for programs that wait for each answer."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

import httpx
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from htbooking_hospital import calls
from htbooking_hospital.answers import CheckedIn, HospitalEvent, Order, PushReport
from htbooking_hospital.batching import PushOptions, PushSteps, batches
from htbooking_hospital.calls import Call, OrderFilter, Page
from htbooking_hospital.conversation import (
    LARGEST_MESSAGE,
    PROTOCOL,
    SILENCE_SECONDS,
    STEADY_SECONDS,
    Conversation,
    Progress,
    closed,
    for_now,
    is_passing,
    refused_handshake,
)
from htbooking_hospital.errors import HTBookingError, KeyRefusedError
from htbooking_hospital.items import Department, Doctor, Hospital, Item, Schedule
from htbooking_hospital.signing import fresh_nonce
from htbooking_hospital.wire import Retries, Signer, data_of, unreachable

if TYPE_CHECKING:
    from typing_extensions import Unpack

T = TypeVar("T")

_log = logging.getLogger("htbooking_hospital")


class HospitalClient:
    """Calls the platform as one hospital's system. May be shared between threads, each stream by one of them.

    Every call is tried again while nobody answers, under the same idempotency key, and takes effect once.
    """

    def __init__(
        self,
        endpoint: str,
        key_id: str,
        secret: str,
        *,
        language: str = "zh-CN",
        timeout_seconds: float = 30.0,
        retries: Retries | None = None,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """`endpoint` is the graph's full address; `language` is that of the messages, `zh-CN` or `en`."""
        self._signer = Signer(endpoint, key_id, secret, language=language, clock=clock)
        self._retries = retries or Retries()
        self._sleep = sleep
        self._http = httpx.Client(timeout=timeout_seconds, transport=transport)

    # ---- any call ----

    def execute(self, query: str, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The `data` of a document of your own, which must be safe to repeat."""
        tries = 0
        while True:
            tries += 1
            try:
                return self._once(query, variables)
            except HTBookingError as error:
                if not self._retries.again(tries, error):
                    raise
                pause = self._retries.pause(tries, error)
                _log.warning("no answer (%s), trying again in %.1f s", type(error).__name__, pause)
                self._sleep(pause)

    def run(self, call: Call[T]) -> T:
        """The answer to one of `htbooking_hospital.calls`."""
        return call.read(self.execute(call.document, call.variables))

    def signed_request(self, query: str, variables: Mapping[str, Any] | None = None) -> httpx.Request:
        """One signed call, for those who send it themselves, once and soon; `data_of` reads its response."""
        return self._signer.request(query, variables)

    def use_key(self, key_id: str, secret: str) -> None:
        """Sign with this key from now on: a change-over without a pause."""
        self._signer.use_key(key_id, secret)

    def _once(self, query: str, variables: Mapping[str, Any] | None) -> dict[str, Any]:
        try:
            response = self._http.send(self._signer.request(query, variables))
        except httpx.TransportError as error:
            raise unreachable(self._signer.endpoint, error) from error
        return data_of(response)

    # ---- the catalogue ----

    def push_hospital(self, entry: Hospital | Mapping[str, Any], *, key: str | None = None) -> str:
        """Put the hospital's own entry; the code that it has on the platform."""
        return self.run(calls.upsert_hospital(entry, key or fresh_nonce()))

    def set_online(self, online: bool) -> str:
        """Have patients find the hospital and book, or not for now; ONLINE or OFFLINE. Orders stay either way."""
        return self.run(calls.set_online(online))

    def push_departments(
        self, items: Iterable[Department | Mapping[str, Any]], **how: Unpack[PushOptions]
    ) -> PushReport:
        """Put departments, parents before children or in one batch with them. Parameters as of `push`."""
        return self.push("upsertDepartments", items, **how)

    def push_doctors(self, items: Iterable[Doctor | Mapping[str, Any]], **how: Unpack[PushOptions]) -> PushReport:
        """Put doctors. Parameters as of `push`."""
        return self.push("upsertDoctors", items, **how)

    def push_schedules(self, items: Iterable[Schedule | Mapping[str, Any]], **how: Unpack[PushOptions]) -> PushReport:
        """Put sessions. Parameters as of `push`."""
        return self.push("upsertSchedules", items, **how)

    def remove_departments(self, codes: Iterable[str], **how: Unpack[PushOptions]) -> PushReport:
        """Remove departments. Parameters as of `push`."""
        return self.push("removeDepartments", codes, **how)

    def remove_doctors(self, codes: Iterable[str], **how: Unpack[PushOptions]) -> PushReport:
        """Remove doctors. Parameters as of `push`."""
        return self.push("removeDoctors", codes, **how)

    def remove_schedules(self, ids: Iterable[str], **how: Unpack[PushOptions]) -> PushReport:
        """Remove sessions of which no number was sold. Parameters as of `push`."""
        return self.push("removeSchedules", ids, **how)

    def withdraw_schedules(self, ids: Iterable[str], **how: Unpack[PushOptions]) -> PushReport:
        """Withdraw sessions (停诊): orders end, the paid are given their money back. Parameters as of `push`."""
        return self.push("withdrawSchedules", ids, **how)

    def push(
        self,
        operation: str,
        items: Iterable[Item | str],
        **options: Unpack[PushOptions],
    ) -> PushReport:
        """Push any number of items, which may be a generator: no more than a batch of them is held at once."""
        steps = PushSteps(operation, options)
        for body in batches(items, steps.batch_size):
            pause = steps.wait_seconds()
            if pause > 0:
                self._sleep(pause)
            steps.done(self.run(steps.call(body)))
        return steps.report

    # ---- orders ----

    def orders(self, **wanted: Unpack[OrderFilter]) -> Iterator[Order]:
        """The hospital's orders that fit, the newest first."""
        return self._pages(lambda after: calls.orders(wanted, after), None)

    def order(self, order_id: str) -> Order | None:
        """One order by its global id."""
        return self.run(calls.order(order_id))

    def acknowledge_order(
        self, order_id: str, record_id: str, *, fetch_time: datetime | None = None, fetch_place: str | None = None
    ) -> Order:
        """Note the hospital's own id of an order, and when and where its patient is to be. The last word holds."""
        return self.run(calls.said_of("acknowledgeOrder", order_id, record_id, fetch_time, fetch_place))

    def confirm_order(
        self,
        order_id: str,
        *,
        record_id: str | None = None,
        fetch_time: datetime | None = None,
        fetch_place: str | None = None,
    ) -> Order:
        """Take an order that is PENDING_HOSPITAL."""
        return self.run(calls.said_of("confirmOrder", order_id, record_id, fetch_time, fetch_place))

    def reject_order(self, order_id: str, reason: str) -> Order:
        """Refuse an order that is PENDING_HOSPITAL; the reason is for the patient."""
        return self.run(calls.answer_order("rejectOrder", order_id, reason=reason))

    def complete_order(self, order_id: str) -> Order:
        """Say that the visit has taken place."""
        return self.run(calls.answer_order("completeOrder", order_id))

    def mark_no_show(self, order_id: str) -> Order:
        """Say that the patient did not come, once the half-day is over."""
        return self.run(calls.answer_order("markNoShow", order_id))

    def check_in(self, code: str) -> CheckedIn:
        """Check in by the order's QR code or its number."""
        return self.run(calls.check_in_by_code(code))

    def check_in_by_certificate(self, number: str, kind: str = "10") -> list[CheckedIn]:
        """Check in all that the holder of this certificate has here today; `10` is a resident ID."""
        return self.run(calls.check_in_by_certificate(number, kind))

    # ---- events ----

    def event_log(self, after: str | None = None) -> Iterator[HospitalEvent]:
        """What has happened behind this cursor until now, the oldest first."""
        return self._pages(calls.event_log, after)

    def events(
        self, after: str | None = None, *, last_sequence: int | None = None
    ) -> Generator[HospitalEvent, None, None]:
        """What happens, for ever: everything behind the cursor, then each event as it comes, none left out.

        Connects again by itself. Store each event's `cursor` and `sequence` together with what you make of the event
        and start with the stored ones: then a crash repeats the last event at most. `last_sequence` lets it notice
        events that the platform has forgotten meanwhile: then EventsMissedError is raised.
        """
        progress, tries = Progress(after, last_sequence), 0
        while True:
            since, key_id = time.monotonic(), self._signer.key_id
            try:
                yield from self._connection(progress)
            except HTBookingError as error:
                changed_over = isinstance(error, KeyRefusedError) and key_id != self._signer.key_id
                if not (changed_over or is_passing(error)):
                    raise
                tries = 1 if time.monotonic() - since > STEADY_SECONDS else tries + 1
                pause = self._retries.pause(tries, error)
                _log.warning("events: %s; connecting again in %.1f s", type(error).__name__, pause)
                self._sleep(pause)

    def _connection(self, progress: Progress) -> Iterator[HospitalEvent]:
        talk = Conversation(self._signer.socket_header(), self._signer.language, progress)
        try:
            with connect(
                self._signer.socket_address, subprotocols=[Subprotocol(PROTOCOL)], max_size=LARGEST_MESSAGE
            ) as wire:
                wire.send(talk.opening)
                while True:
                    reply, event = talk.take(wire.recv(SILENCE_SECONDS))
                    if reply is not None:
                        wire.send(reply)
                    if event is not None:
                        yield event
        except ConnectionClosed as end:
            raise closed(end.rcvd.code if end.rcvd else None, end.rcvd.reason if end.rcvd else "cut") from end
        except InvalidStatus as refused:
            raise refused_handshake(refused.response.status_code, str(refused)) from refused
        except (OSError, InvalidHandshake, TimeoutError) as error:
            raise for_now(f"{type(error).__name__}: {error}") from error

    def _pages(self, page: Callable[[str | None], Call[Page[T]]], after: str | None) -> Iterator[T]:
        while True:
            found = self.run(page(after))
            yield from found.items
            if found.after is None:
                return
            after = found.after

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> HospitalClient:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"HospitalClient({self._signer.endpoint!r}, key_id={self._signer.key_id!r})"
