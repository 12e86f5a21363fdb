"""The operations page of text messages: telephones, what waits, what failed, and what can be done about it."""

import datetime as dt
from collections.abc import Awaitable
from typing import Annotated

import strawberry

from datasources.sql.sms_message import SmsKind, SmsMessage, SmsRoute, SmsState
from datasources.sql.sms_phone import SmsProviderHealth as SmsProviderHealthRow
from datasources.sql.sms_reads import AttemptGroup
from domain.page import Page
from domain.permissions import Permission
from domain.sms import operations
from resolvers import sms_operations
from schema import sms_line as sms_line
from schema.binding import After, Context, First, answers, described_enum, of, on
from schema.connection import Connection
from schema.permissions import may
from schema.problems import record_of

described_enum(
    SmsRoute,
    "A way out of text messages.",
    {
        "PHONE": "A telephone of the platform's own.",
        "ALIYUN": "Aliyun's service.",
        "CONSOLE": "The sandbox's inbox, where nothing is really sent.",
    },
)
described_enum(
    operations.SmsAlarm,
    "What somebody has to look at.",
    {
        "CODE_WAITS": "A one-time code has waited for more than 30 seconds.",
        "PHONE_SILENT": "A telephone was not heard of for 3 minutes.",
        "PHONE_BATTERY_LOW": "A telephone's battery is below 20 %.",
        "MANY_FAILURES": "More than a fifth of the last hour's attempts failed.",
        "PROVIDER_RESTS": "A provider is left alone after failures, or because its account is out of money.",
    },
)


@strawberry.type(description="A SIM as its telephone tells of it.")
class SmsSim:
    slot: int = strawberry.field(resolver=of(lambda sim: sim["slot"]), description="Its slot, counted from 0.")
    carrier: str = strawberry.field(resolver=of(lambda sim: sim["carrier"]), description="The network's name.")


@strawberry.type(description="One of the platform's own telephones.")
class SmsPhone:
    id: strawberry.ID = strawberry.field(resolver=of(lambda phone: str(phone.id)), description="Its id.")
    name: str = strawberry.field(description="What it is called.")
    created_at: dt.datetime = strawberry.field(description="When it was made.")
    enrolled_at: dt.datetime | None = strawberry.field(description="When it was last enrolled; null: not yet.")
    revoked_at: dt.datetime | None = strawberry.field(description="When it was ended for good.")
    paused_at: dt.datetime | None = strawberry.field(description="Since when it is given nothing; null: it is.")
    sim_slot: int | None = strawberry.field(description="The SIM that it sends with; null: its default.")
    parts_per_half_hour: int = strawberry.field(description="Parts that it may send in half an hour.")
    parts_per_day: int = strawberry.field(description="Parts that it may send in a day.")
    failures_in_a_row: int = strawberry.field(description="Failures since it last sent one; after 3 it rests.")
    last_beat_at: dt.datetime | None = strawberry.field(description="When it was last heard of.")
    battery_percent: int | None = strawberry.field(description="Charge of its battery.")
    charging: bool | None = strawberry.field(description="Whether it is being charged.")
    signal_percent: int | None = strawberry.field(description="Strength of its signal.")
    sims: list[SmsSim] = strawberry.field(description="Its SIMs.")
    journal_open: int | None = strawberry.field(description="Messages that it has and has not finished, as it says.")
    hung_calls: int | None = strawberry.field(description="Calls of its radio that it had to break off.")
    app_version: str = strawberry.field(description="Version of its program.")
    radio: str = strawberry.field(description="What it sends with.")


@strawberry.type(description="A telephone and how much it has sent.")
class SmsPhoneState:
    phone: SmsPhone = strawberry.field(description="The telephone.")
    is_silent: bool = strawberry.field(description="Whether it was not heard of for 3 minutes.")
    parts_in_half_hour: int = strawberry.field(
        resolver=of(lambda state: state.load.parts_in_half_hour), description="Parts sent in the last half hour."
    )
    parts_today: int = strawberry.field(
        resolver=of(lambda state: state.load.parts_today), description="Parts sent today."
    )
    open_messages: int = strawberry.field(
        resolver=of(lambda state: state.load.open), description="Messages that it has and has not reported."
    )

    is_type_of = record_of(operations.PhoneState)


@strawberry.type(description="How a provider that is called has lately done.")
class SmsProviderHealth:
    route: SmsRoute = strawberry.field(resolver=of(lambda row: SmsRoute(row.route)), description="Which it is.")
    failures_in_a_row: int = strawberry.field(description="Failures since it last took a message.")
    rest_until: dt.datetime | None = strawberry.field(description="Until when it is given nothing.")
    last_problem: str = strawberry.field(description="Its last problem, as its own code.")
    last_ok_at: dt.datetime | None = strawberry.field(description="When it last took a message.")

    is_type_of = record_of(SmsProviderHealthRow)


@strawberry.type(description="Attempts of the last hour that ended alike.")
class SmsAttemptGroup:
    route: SmsRoute = strawberry.field(resolver=of(lambda group: SmsRoute(group.route)), description="By which way.")
    phone_id: strawberry.ID | None = strawberry.field(
        resolver=of(lambda group: None if group.phone_id is None else str(group.phone_id)),
        description="By which telephone.",
    )
    outcome: str = strawberry.field(description="What became of them; empty: nothing is reported yet.")
    reason: str = strawberry.field(description="Why, as a code.")
    attempts: int = strawberry.field(description="How many attempts.")
    parts: int = strawberry.field(description="How many parts.")

    is_type_of = record_of(AttemptGroup)


@strawberry.type(description="Something that somebody has to look at.")
class SmsRaisedAlarm:
    kind: operations.SmsAlarm = strawberry.field(description="What it is.")
    phone_id: strawberry.ID | None = strawberry.field(
        resolver=of(lambda alarm: None if alarm.phone_id is None else str(alarm.phone_id)),
        description="Which telephone's it is; null: of sending as a whole.",
    )

    is_type_of = record_of(operations.RaisedAlarm)


@strawberry.type(description="How sending text messages goes.")
class SmsOperations:
    phones: list[SmsPhoneState] = strawberry.field(description="The telephones, the latest first, revoked ones last.")
    providers: list[SmsProviderHealth] = strawberry.field(description="The providers that were ever called.")
    waiting: int = strawberry.field(
        resolver=of(lambda report: report.waiting.messages), description="Messages that are due and not begun."
    )
    oldest_waiting_since: dt.datetime | None = strawberry.field(
        resolver=of(lambda report: report.waiting.oldest), description="Since when the oldest of them is due."
    )
    oldest_code_since: dt.datetime | None = strawberry.field(
        resolver=of(lambda report: report.waiting.oldest_code), description="The same among one-time codes."
    )
    last_hour: list[SmsAttemptGroup] = strawberry.field(
        description="What became of the attempts of the last hour, the most frequent first."
    )
    alarms: list[SmsRaisedAlarm] = strawberry.field(description="What somebody has to look at.")

    is_type_of = record_of(operations.SmsOperations)


@strawberry.type(description="A text message, without its text: that is its reader's.")
class SmsMessageEntry:
    id: strawberry.ID = strawberry.field(resolver=of(lambda message: str(message.id)), description="Its id.")
    kind: SmsKind = strawberry.field(resolver=of(lambda message: SmsKind(message.kind)), description="What it is for.")
    masked_phone: str = strawberry.field(
        resolver=on(sms_operations.masked_phone), description="To whom: `138****5678`."
    )
    template: str = strawberry.field(description="Its template's name; empty: none.")
    parts: int = strawberry.field(description="In how many parts it is sent.")
    state: SmsState = strawberry.field(
        resolver=of(lambda message: SmsState(message.state)), description="Where it stands."
    )
    reason: str = strawberry.field(description="Why it stands there, as a code.")
    attempt: int = strawberry.field(description="How often it was given to somebody to send.")
    route: SmsRoute | None = strawberry.field(
        resolver=of(lambda message: None if message.route is None else SmsRoute(message.route)),
        description="By which way, last.",
    )
    phone_id: strawberry.ID | None = strawberry.field(
        resolver=of(lambda message: None if message.phone_id is None else str(message.phone_id)),
        description="By which telephone, last.",
    )
    created_at: dt.datetime = strawberry.field(description="When it was queued.")
    not_before: dt.datetime = strawberry.field(description="When it is due.")
    expires_at: dt.datetime = strawberry.field(description="From then on nobody begins to send it.")
    handed_at: dt.datetime | None = strawberry.field(description="When it was last handed over.")
    finished_at: dt.datetime | None = strawberry.field(description="When it was sent, or given up.")

    is_type_of = record_of(SmsMessage)


_readers = may(Permission.READ_SMS)


@strawberry.type
class SmsOperationsQuery:
    @answers(SmsOperations, "How sending text messages goes now: telephones, what waits, failures.", only=_readers)
    def sms_operations(self, info: Context) -> Awaitable[operations.SmsOperations]:
        return sms_operations.report(info.context)

    @answers(Connection[SmsMessageEntry], "Text messages, the latest first; kept for 30 days.", only=_readers)
    def sms_messages(
        self,
        info: Context,
        state: Annotated[SmsState | None, strawberry.argument(description="Only those that stand here.")] = None,
        kind: Annotated[SmsKind | None, strawberry.argument(description="Only those of this kind.")] = None,
        first: First = 20,
        after: After = None,
    ) -> Awaitable[Page[SmsMessage]]:
        return sms_operations.messages(info.context, state=state, kind=kind, first=first, after=after)
