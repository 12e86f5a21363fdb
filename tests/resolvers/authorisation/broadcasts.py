"""What people write to many, the words of messages, and the outbox."""

from domain.permissions import Permission
from tests.resolvers.authorisation.rows import (
    OWN_MANAGER,
    Names,
    NamesNobodys,
    Owned,
    Part,
    Row,
    Told,
    Way,
    WithinOwnHospital,
    platform_staff,
)

READERS = platform_staff(Permission.READ_MESSAGES)
SENDERS = platform_staff(Permission.SEND_MESSAGES)
EDITORS = platform_staff(Permission.READ_MESSAGES, Permission.EDIT_TEMPLATES)

TYPES: dict[str, Row] = {
    "Broadcast": Owned(
        clear="id authorHospitalCode audience userId hospitalCode departmentCode externalId firstDate lastDate titleZh"
        " bodyZh titleEn bodyEn bySms notBefore uselessAfter createdAt",
        relative="state planned written told dropped failed texted begunAt endedAt",
        at="Query.broadcast BroadcastConnection.nodes BroadcastEdge.node BroadcastSent.broadcast"
        " BroadcastChanged.broadcast",
    ),
    "BroadcastSent": Told(leads_to="broadcast"),
    "BroadcastChanged": Told(leads_to="broadcast"),
    "BroadcastPreview": Told(clear="receivers", parts="readings"),
    "BroadcastReading": Told(clear="language title body sms smsParts"),
    "MessageTemplate": Owned(
        clear="kind smsUse",
        relative="language title body sms isDefault version updatedAt",
        parts="variables sample",
        at="Query.messageTemplates MessageTemplateChanged.template MessageTemplateReset.template",
    ),
    "MessageVariable": Part(relative="name type isRequired", at="MessageTemplate.variables"),
    "MessageTemplatePreview": Part(
        relative="title body sms smsParts smsEncoding", at="MessageTemplate.sample Query.messageTemplatePreview"
    ),
    "MessageTemplateVersion": Owned(
        relative="version title body sms isDefault savedAt",
        at="MessageTemplateVersionConnection.nodes MessageTemplateVersionEdge.node",
    ),
    "MessageTemplateChanged": Told(leads_to="template"),
    "MessageTemplateReset": Told(leads_to="template"),
    "OutgoingMessage": Owned(
        clear="id kind receiverKind state attempts reason inApp bySms broadcastId createdAt nextAt uselessAfter"
        " finishedAt",
        masked="receiver",
        at="OutgoingMessageConnection.nodes OutgoingMessageEdge.node MessageRetried.message",
    ),
    "MessageRetried": Told(leads_to="message"),
}

LISTS = {
    "BroadcastConnection": "Query.broadcasts",
    "MessageTemplateVersionConnection": "Query.messageTemplateVersions",
    "OutgoingMessageConnection": "Query.outgoingMessages",
}

WAYS = [
    Way("broadcasts(state: WAITING, first: 100)", "Broadcast", READERS | {OWN_MANAGER}),
    Way('broadcast(id: "{Broadcast}")', "Broadcast", READERS | {OWN_MANAGER}),
    Way("messageTemplates(kind: NEW_DEVICE)", "MessageTemplate", EDITORS),
    Way("messageTemplateVersions(kind: NEW_DEVICE, language: ENGLISH, first: 100)", "MessageTemplateVersion", EDITORS),
    Way('outgoingMessages(filter: {{userId: "{User}"}}, first: 100)', "OutgoingMessage", READERS),
]

_TEXTS = 'titleZh: "题", bodyZh: "文"'
_WITHIN = NamesNobodys("narrows the hospital that is named; another's department or session holds nobody")

INPUTS: dict[str, Names | WithinOwnHospital | NamesNobodys] = {
    "sendBroadcast.broadcast.audience.userId": Names(
        "User",
        SENDERS,
        f'idempotencyKey: "{{fresh}}", broadcast: {{{{audience: {{{{kind: USER, userId: "{{id}}"}}}}, {_TEXTS}}}}}',
        otherwise="InvalidInput",
    ),
    "sendBroadcast.broadcast.audience.hospitalCode": Names(
        "Hospital",
        SENDERS | {OWN_MANAGER},
        'idempotencyKey: "{fresh}", broadcast: {{audience: {{kind: HOLDERS, hospitalCode: "{hospital_code}"}}, '
        f"{_TEXTS}}}}}",
        otherwise="InvalidInput",
    ),
    "sendBroadcast.broadcast.audience.departmentCode": _WITHIN,
    "sendBroadcast.broadcast.audience.externalId": _WITHIN,
    "pauseBroadcast.id": Names("Broadcast", SENDERS | {OWN_MANAGER}, 'id: "{id}"'),
    "resumeBroadcast.id": Names("Broadcast", SENDERS | {OWN_MANAGER}, 'id: "{id}"'),
    "cancelBroadcast.id": Names("Broadcast", SENDERS | {OWN_MANAGER}, 'id: "{id}"'),
    "retryMessage.id": Names("OutgoingMessage", SENDERS, 'id: "{id}"'),
}
