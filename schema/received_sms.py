"""What people wrote to the platform's telephones."""

import datetime as dt
from collections.abc import Awaitable
from typing import Annotated

import strawberry

from datasources.sql.sms_received import ReceivedMeaning, SmsReceived
from domain.page import Page
from domain.permissions import Permission
from resolvers import received_sms
from schema.binding import After, Context, First, answers, described_enum, of, on
from schema.connection import Connection
from schema.permissions import may
from schema.problems import record_of

described_enum(
    ReceivedMeaning,
    "What a received text message was taken for.",
    {
        "OPT_OUT": "Its sender wants no more reminders and announcements (TD, 退订, STOP, …).",
        "OPT_IN": "Its sender wants them again (DY, 订阅, START, …).",
        "OTHER": "Anything else; nothing was done.",
    },
)


@strawberry.type(description="A text message that somebody wrote to one of the platform's telephones.")
class ReceivedSms:
    id: strawberry.ID = strawberry.field(resolver=of(lambda row: str(row.id)), description="Its id.")
    masked_sender: str = strawberry.field(
        resolver=on(received_sms.masked_sender), description="Who wrote it, masked: 138****5678."
    )
    text: str = strawberry.field(resolver=on(received_sms.text), description="What they wrote.")
    meaning: ReceivedMeaning = strawberry.field(
        resolver=of(lambda row: ReceivedMeaning(row.meaning)), description="What it was taken for."
    )
    phone_id: strawberry.ID | None = strawberry.field(
        resolver=of(lambda row: None if row.phone_id is None else str(row.phone_id)),
        description="The telephone that received it.",
    )
    sent_at: dt.datetime | None = strawberry.field(description="When the network took it, if known.")
    received_at: dt.datetime = strawberry.field(description="When the telephone received it.")

    is_type_of = record_of(SmsReceived)


@strawberry.type
class ReceivedSmsQuery:
    @answers(
        Connection[ReceivedSms],
        "What people wrote to the platform's telephones, the latest first; kept for `RECEIVED_SMS_KEPT_DAYS`.",
        only=may(Permission.EDIT_SMS),
    )
    def received_sms(
        self,
        info: Context,
        meaning: Annotated[
            ReceivedMeaning | None, strawberry.argument(description="Only those taken for this.")
        ] = None,
        phone_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Only what this telephone received.")
        ] = None,
        sender: Annotated[
            str | None, strawberry.argument(description="Only from this number, in full, however it is written.")
        ] = None,
        first: First = 20,
        after: After = None,
    ) -> Awaitable[Page[SmsReceived]]:
        phone = None if phone_id is None else str(phone_id)
        return received_sms.received(info.context, meaning, phone, sender, first=first, after=after)
