"""The words of messages, for administrators."""

import datetime as dt
from collections.abc import Awaitable
from typing import Annotated

import strawberry

from datasources.sql.message_template import MessageTemplateVersion as VersionRow
from domain import problems
from domain.language import Language
from domain.messages.channels import SmsUse
from domain.messages.kinds import MessageKind, Value
from domain.messages.rendering import Text
from domain.messages.templates import editing, rules
from domain.page import Page
from domain.permissions import Permission
from domain.sms.parts import SmsEncoding
from resolvers import message_templates
from schema import message_kinds as message_kinds
from schema.binding import After, Context, First, answers, described_enum, mutates, of, on
from schema.connection import Connection
from schema.permissions import may, may_any
from schema.problems import InvalidInput, NotAllowed, record_of

described_enum(
    Value,
    "How a variable is written for people.",
    {
        "TEXT": "As it is.",
        "DATE": "11月25日周三, Wed 25 Nov.",
        "HALF_DAY": "上午 or 下午, morning or afternoon.",
        "MOMENT": "11月24日周二 15:30, Tue 24 Nov 15:30.",
        "MONEY": "9.67元, CNY 9.67.",
        "COUNT": "A number.",
        "DOCTOR": "A doctor's name; 普通门诊, general session, where a session has none.",
    },
    name="MessageValue",
)
described_enum(
    SmsUse,
    "Whether a kind of message goes by SMS.",
    {
        "NEVER": "In the app alone.",
        "IF_CHOSEN": "To those who chose it.",
        "UNLESS_DECLINED": "To those who did not decline it.",
        "ALWAYS": "To everybody: it changes what people must do.",
    },
)
described_enum(
    SmsEncoding,
    "How a text message travels.",
    {
        "SEVEN_BIT": "In the GSM alphabet: 160 characters in one part, 153 in each of several.",
        "SIXTEEN_BIT": "In UCS-2: 70 units in one part, 67 in each of several. Any Chinese character makes it so.",
    },
)

OfKind = Annotated[MessageKind, strawberry.argument(description="Which kind.")]
OfLanguage = Annotated[Language, strawberry.argument(description="Which language.")]


@strawberry.type(description="A variable that the words of a kind may name, as `{name}`.")
class MessageVariable:
    name: str = strawberry.field(description="Its name.")
    type: Value = strawberry.field(description="How it is written.")
    is_required: bool = strawberry.field(description="Whether text and SMS must name it.")


@strawberry.type(description="How words read with a sample's values.")
class MessageTemplatePreview:
    title: str = strawberry.field(resolver=of(lambda each: each.text.title), description="The title in the app.")
    body: str = strawberry.field(resolver=of(lambda each: each.text.body), description="The text in the app.")
    sms: str = strawberry.field(
        resolver=of(lambda each: each.text.sms), description="The text message with its signature; empty without one."
    )
    sms_parts: int = strawberry.field(description="How many parts the network makes of it; 0 without one.")
    sms_encoding: SmsEncoding = strawberry.field(description="How it travels.")

    is_type_of = record_of(rules.TemplatePreview)


@strawberry.type(description="The words of a kind of message in one language, as they are in force.")
class MessageTemplate:
    kind: MessageKind = strawberry.field(description="Which kind.")
    language: Language = strawberry.field(description="Which language.")
    title: str = strawberry.field(resolver=of(lambda view: view.text.title), description="The title in the app.")
    body: str = strawberry.field(resolver=of(lambda view: view.text.body), description="The text in the app.")
    sms: str = strawberry.field(
        resolver=of(lambda view: view.text.sms), description="The text message without its signature; empty sends none."
    )
    is_default: bool = strawberry.field(description="Whether these are the platform's own words, which nobody changed.")
    version: int = strawberry.field(description="How often they were changed; the mutations ask for it.")
    updated_at: dt.datetime | None = strawberry.field(
        description="When they were changed; null for the platform's own."
    )
    sms_use: SmsUse = strawberry.field(
        resolver=of(message_templates.sms_use), description="Whether the kind goes by SMS."
    )
    variables: list[MessageVariable] = strawberry.field(
        resolver=of(message_templates.variables), description="What the words may name."
    )
    sample: MessageTemplatePreview = strawberry.field(
        resolver=on(message_templates.sample), description="How they read with a sample's values."
    )


@strawberry.type(description="What a kind of message said in one language, until it was changed again.")
class MessageTemplateVersion:
    version: int = strawberry.field(description="Its number, from 1 on.")
    title: str = strawberry.field(description="The title in the app.")
    body: str = strawberry.field(description="The text in the app.")
    sms: str = strawberry.field(description="The text message.")
    is_default: bool = strawberry.field(description="Whether the platform's own words were said again.")
    saved_at: dt.datetime = strawberry.field(description="From when on; the audit log says by whom.")

    is_type_of = record_of(VersionRow)


@strawberry.type(description="The words are said from now on.")
class MessageTemplateChanged:
    template: MessageTemplate = strawberry.field(description="As they now are.")

    is_type_of = record_of(editing.TemplateChanged)


@strawberry.type(description="The platform's own words are said again.")
class MessageTemplateReset:
    template: MessageTemplate = strawberry.field(description="As they now are.")

    is_type_of = record_of(editing.TemplateReset)


@strawberry.input(description="Words to be tried.")
class MessageTemplatePreviewInput:
    kind: MessageKind = strawberry.field(description="Of which kind.")
    language: Language = strawberry.field(description="In which language.")
    title: str = strawberry.field(description="The title: one line of 1 to 80 characters.")
    body: str = strawberry.field(description="The text: 1 to 1,000 characters.")
    sms: str = strawberry.field(default="", description="The text message without its signature; empty sends none.")


@strawberry.input(description="Words to be said from now on.")
class ChangeMessageTemplateInput:
    kind: MessageKind = strawberry.field(description="Of which kind.")
    language: Language = strawberry.field(description="In which language.")
    version: int = strawberry.field(description="The version that the editor saw.")
    title: str = strawberry.field(description="The title: one line of 1 to 80 characters.")
    body: str = strawberry.field(description="The text: 1 to 1,000 characters.")
    sms: str = strawberry.field(
        default="", description="The text message without its signature, at most 4 parts; empty sends none."
    )


@strawberry.input(description="Which words to give up for the platform's own.")
class ResetMessageTemplateInput:
    kind: MessageKind = strawberry.field(description="Of which kind.")
    language: Language = strawberry.field(description="In which language.")
    version: int = strawberry.field(description="The version that the editor saw.")


MessageTemplatePreviewResult = Annotated[
    MessageTemplatePreview | InvalidInput,
    strawberry.union("MessageTemplatePreviewResult", description="How the words read, or what is wrong with them."),
]
ChangeMessageTemplateResult = Annotated[
    MessageTemplateChanged | NotAllowed | InvalidInput,
    strawberry.union("ChangeMessageTemplateResult", description="What became of the change."),
]
ResetMessageTemplateResult = Annotated[
    MessageTemplateReset | NotAllowed | InvalidInput,
    strawberry.union("ResetMessageTemplateResult", description="What became of it."),
]

_readers = may_any(*message_templates.READERS)
_editors = may(Permission.EDIT_TEMPLATES)


@strawberry.type
class MessageTemplateQuery:
    @answers(list[MessageTemplate], "The words of each kind of message in each language.", only=_readers)
    def message_templates(
        self,
        info: Context,
        kind: Annotated[MessageKind | None, strawberry.argument(description="Only of this kind.")] = None,
    ) -> Awaitable[list[editing.TemplateView]]:
        return message_templates.templates(info.context, kind)

    @answers(Connection[MessageTemplateVersion], "What a kind of message said before, the latest first.", only=_readers)
    def message_template_versions(
        self, info: Context, kind: OfKind, language: OfLanguage, first: First = 20, after: After = None
    ) -> Awaitable[Page[VersionRow]]:
        return message_templates.versions(info.context, kind, language, first=first, after=after)

    @answers(
        MessageTemplatePreviewResult,
        "How words would read with a sample's values, and in how many parts. Nothing is changed.",
        only=_editors,
    )
    def message_template_preview(
        self, info: Context, input: Annotated[MessageTemplatePreviewInput, strawberry.argument(description="Which.")]
    ) -> Awaitable[rules.TemplatePreview | problems.InvalidInput]:
        text = Text(input.title, input.body, input.sms)
        return message_templates.preview(info.context, input.kind, input.language, text)


@strawberry.type
class MessageTemplateMutation:
    @mutates(
        ChangeMessageTemplateResult,
        "Have a kind of message say this from now on, also where it waits in the outbox. Aliyun sends its own texts, "
        "which are changed there. Recorded.",
        only=_editors,
    )
    def change_message_template(
        self, info: Context, input: Annotated[ChangeMessageTemplateInput, strawberry.argument(description="What.")]
    ) -> Awaitable[editing.TemplateChanged | problems.NotAllowed | problems.InvalidInput]:
        text = Text(input.title, input.body, input.sms)
        return message_templates.change(info.context, input.kind, input.language, input.version, text)

    @mutates(ResetMessageTemplateResult, "Have the platform's own words said again. Recorded.", only=_editors)
    def reset_message_template(
        self, info: Context, input: Annotated[ResetMessageTemplateInput, strawberry.argument(description="Which.")]
    ) -> Awaitable[editing.TemplateReset | problems.NotAllowed]:
        return message_templates.reset(info.context, input.kind, input.language, input.version)
