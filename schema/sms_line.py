"""The platform's own telephones: enrolled once, they are given messages, ask before each, and report."""

import datetime as dt
from collections.abc import AsyncGenerator, Awaitable
from typing import Annotated, TypeVar

import strawberry

from datasources.sql.sms_message import SmsKind, SmsState
from domain.problems import InvalidInput as InvalidInputRecord
from domain.problems import NotAllowed as NotAllowedRecord
from domain.sms.phones import enrolling, reports
from resolvers import sms_line
from schema.binding import Context, described_enum, mutates, of, watches
from schema.permissions import IsSmsPhone
from schema.problems import InvalidInput, NotAllowed, record_of
from schema.sharing import Sharing

described_enum(
    SmsKind,
    "What a text message is for.",
    {
        "CODE": "A one-time code: first in the queue, at any hour, never repeated.",
        "NOTICE": "What a person must know; nobody opts out of it.",
        "REMINDER": "A reminder of a visit; people may opt out.",
        "ANNOUNCEMENT": "An announcement; people may opt out.",
        "TEST": "An administrator tries the way out.",
    },
)
described_enum(
    SmsState,
    "Where a text message stands.",
    {
        "QUEUED": "It waits.",
        "LEASED": "A telephone has it and has not begun.",
        "HANDED": "Whoever has it may have begun to send; nobody else ever gets it.",
        "SENT": "Sent.",
        "DELIVERED": "Delivered, as the network says.",
        "FAILED": "Surely not sent, and not tried again.",
        "UNKNOWN": "It may have been sent; it is not repeated by itself.",
        "EXPIRED": "Nobody began to send it in time.",
        "CANCELLED": "Given up: cancelled, replaced by a newer one, or the number has opted out.",
    },
)
described_enum(
    reports.PhoneReport,
    "What became of a message at a telephone.",
    {
        "SENT": "The radio sent it.",
        "DELIVERED": "The network says that it arrived.",
        "FAILED": "Surely not sent; `reason` says why.",
        "UNKNOWN": "It may have been sent: the telephone or the call to its radio died half way.",
        "RETURNED": "The telephone has not begun and will not.",
    },
)


@strawberry.type(description="A message to send, for the telephone that it is leased to.")
class OutgoingSms:
    id: strawberry.ID = strawberry.field(description="The message's id, for `claimSms` and `reportSms`.")
    attempt: int = strawberry.field(
        description="Which attempt this is; with the id it names what to send at most once."
    )
    kind: SmsKind = strawberry.field(description="What it is for.")
    phone: str = strawberry.field(description="The number to send to, E.164, in full.")
    text: str = strawberry.field(description="The whole text.")
    sim_slot: int | None = strawberry.field(description="The SIM to send with, counted from 0; null: the default one.")
    seconds_left: float = strawberry.field(description="How long it is worth sending.")

    is_type_of = record_of(sms_line.LeasedSms)


@strawberry.type(description="The telephone is enrolled.")
class SmsPhoneEnrolled:
    name: str = strawberry.field(resolver=of(lambda done: done.phone.name), description="What it is called.")
    token: str = strawberry.field(
        resolver=of(lambda done: done.token.get_secret_value()),
        description="`Authorization: Bearer …` from now on. Said this once.",
    )

    is_type_of = record_of(enrolling.Enrolled)


@strawberry.type(description="The telephone may begin to send, and nobody else will.")
class SmsClaimed:
    seconds: float = strawberry.field(description="It begins within so many seconds, or reports RETURNED.")

    is_type_of = record_of(sms_line.Claimed)


@strawberry.type(description="The report was taken, or was known.")
class SmsReported:
    state: SmsState = strawberry.field(description="Where the message stands now.")

    is_type_of = record_of(sms_line.Reported)


@strawberry.type(description="The received message is kept.")
class ReceivedSmsKept:
    is_new: bool = strawberry.field(description="False: it had been reported before.")

    is_type_of = record_of(sms_line.Kept)


@strawberry.type(description="The telephone was heard of.")
class SmsPhoneHeard:
    next_in_seconds: int = strawberry.field(description="When to report again.")

    is_type_of = record_of(sms_line.Beaten)


EnrolSmsPhoneResult = Annotated[
    SmsPhoneEnrolled | NotAllowed | InvalidInput,
    strawberry.union("EnrolSmsPhoneResult", description="What became of enrolling."),
]
ClaimSmsResult = Annotated[
    SmsClaimed | NotAllowed | InvalidInput, strawberry.union("ClaimSmsResult", description="Whether to begin.")
]
ReportSmsResult = Annotated[
    SmsReported | NotAllowed | InvalidInput,
    strawberry.union("ReportSmsResult", description="What became of the report."),
]
ReportReceivedSmsResult = Annotated[
    ReceivedSmsKept | InvalidInput,
    strawberry.union("ReportReceivedSmsResult", description="What became of the message."),
]
SmsHeartbeatResult = Annotated[
    SmsPhoneHeard | InvalidInput, strawberry.union("SmsHeartbeatResult", description="What became of the report.")
]


@strawberry.input(description="The code that an administrator showed.")
class EnrolSmsPhoneInput:
    code: str = strawberry.field(description="The code, in any case and with or without its dashes. Counts once.")


@strawberry.input(description="What the telephone is about to send.")
class ClaimSmsInput:
    id: strawberry.ID = strawberry.field(description="The message's id.")
    attempt: int = strawberry.field(description="Its attempt.")


@strawberry.input(description="What became of a message.")
class ReportSmsInput:
    id: strawberry.ID = strawberry.field(description="The message's id.")
    attempt: int = strawberry.field(description="Its attempt.")
    outcome: reports.PhoneReport = strawberry.field(description="What became of it.")
    reason: str = strawberry.field(
        default="",
        description="Why, as a code: NO_SERVICE, RADIO_OFF, GENERIC, LIMIT; BAD_NUMBER, NULL_PDU, TEXT_REFUSED and "
        "EXPIRED are for good.",
    )


@strawberry.input(description="What somebody wrote to the telephone.")
class ReportReceivedSmsInput:
    sender: str = strawberry.field(description="The number that it came from.")
    text: str = strawberry.field(description="The whole text.")
    key: str = strawberry.field(description="The telephone's own name for it, always the same for the same message.")
    sim_slot: int | None = strawberry.field(default=None, description="The SIM that received it, counted from 0.")
    sent_at: dt.datetime | None = strawberry.field(default=None, description="When the network took it, if known.")
    received_at: dt.datetime | None = strawberry.field(default=None, description="When the telephone received it.")


@strawberry.input(description="A SIM in the telephone.")
class SmsSimInput:
    slot: int = strawberry.field(description="Its slot, counted from 0.")
    carrier: str = strawberry.field(default="", description="The network's name.")


@strawberry.input(description="How the telephone is.")
class SmsHeartbeatInput:
    app_version: str = strawberry.field(description="Version of its program.")
    radio: str = strawberry.field(description="What it sends with: `termux`, `gammu`, `console`.")
    battery_percent: int | None = strawberry.field(default=None, description="Charge of its battery, 0 to 100.")
    charging: bool | None = strawberry.field(default=None, description="Whether it is being charged.")
    signal_percent: int | None = strawberry.field(default=None, description="Strength of its signal, 0 to 100.")
    sims: list[SmsSimInput] = strawberry.field(default_factory=list, description="Its SIMs.")
    journal_open: int | None = strawberry.field(
        default=None, description="Messages that its journal holds and that are not finished."
    )
    hung_calls: int | None = strawberry.field(
        default=None, description="Calls of its radio that it had to break off since it started."
    )


T = TypeVar("T")
Input = Annotated[T, strawberry.argument(description="What is told.")]


@strawberry.type
class SmsLineSubscription:
    @watches(
        OutgoingSms,
        "The messages that the calling telephone is to send, each leased to it for a minute: those that it was given "
        "before and has not begun, then the next ones as they come. It asks by `claimSms` before each.",
        only=IsSmsPhone,
        sharing=Sharing.NOBODY,
    )
    def outgoing_sms(self, info: Context) -> AsyncGenerator[sms_line.LeasedSms, None]:
        return sms_line.watch_outgoing(info.context)


@strawberry.type
class SmsLineMutation:
    @mutates(EnrolSmsPhoneResult, "Exchange a telephone's code for its token, once.", only=None)
    def enrol_sms_phone(
        self, info: Context, input: Input[EnrolSmsPhoneInput]
    ) -> Awaitable[enrolling.Enrolled | NotAllowedRecord | InvalidInputRecord]:
        return sms_line.enrol(info.context, input.code)

    @mutates(
        ClaimSmsResult,
        "Ask, right before the radio, whether the message is still to be sent. Asked twice for one attempt it is "
        "granted twice, so note in a journal that you begin before you begin.",
        only=IsSmsPhone,
    )
    def claim_sms(
        self, info: Context, input: Input[ClaimSmsInput]
    ) -> Awaitable[sms_line.Claimed | NotAllowedRecord | InvalidInputRecord]:
        return sms_line.claim(info.context, input.id, input.attempt)

    @mutates(ReportSmsResult, "Report what became of a message; repeating it changes nothing.", only=IsSmsPhone)
    def report_sms(
        self, info: Context, input: Input[ReportSmsInput]
    ) -> Awaitable[sms_line.Reported | NotAllowedRecord | InvalidInputRecord]:
        return sms_line.report(info.context, input.id, input.attempt, input.outcome, input.reason)

    @mutates(ReportReceivedSmsResult, "Report what somebody wrote to the telephone.", only=IsSmsPhone)
    def report_received_sms(
        self, info: Context, input: Input[ReportReceivedSmsInput]
    ) -> Awaitable[sms_line.Kept | InvalidInputRecord]:
        message = sms_line.received(
            input.sender, input.text, input.sim_slot, input.sent_at, input.received_at, input.key
        )
        return sms_line.receive(info.context, message)

    @mutates(SmsHeartbeatResult, "Report how the telephone is, each minute.", only=IsSmsPhone)
    def sms_heartbeat(
        self, info: Context, input: Input[SmsHeartbeatInput]
    ) -> Awaitable[sms_line.Beaten | InvalidInputRecord]:
        beat = reports.Beat(
            battery_percent=input.battery_percent,
            charging=input.charging,
            signal_percent=input.signal_percent,
            sims=[{"slot": sim.slot, "carrier": sim.carrier[:40]} for sim in input.sims[:8]],
            journal_open=input.journal_open,
            hung_calls=input.hung_calls,
            app_version=input.app_version[:40],
            radio=input.radio[:20],
        )
        return sms_line.beat(info.context, beat)
