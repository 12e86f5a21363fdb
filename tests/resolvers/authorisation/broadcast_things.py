"""A broadcast of hospital A's manager, a version of a template, and a message that was given up."""

from datetime import timedelta
from uuid import UUID, uuid4

from datasources.sql.message_template import MessageTemplateVersion, MessageTemplateVersions
from datasources.sql.outgoing_message import OutgoingMessage, OutgoingState
from domain.global_id import node_reference
from domain.messages.kinds import MessageKind
from tests.resolvers.authorisation.rows import OWN_MANAGER, OWNER
from tests.resolvers.authorisation.world import Thing, World

SEND = """mutation {{ sendBroadcast(input: {{idempotencyKey: "{key}", broadcast: {{audience: {{kind: HOLDERS}},
  titleZh: "题", bodyZh: "文", notBefore: "{at}"}}}}) {{ ... on BroadcastSent {{ broadcast {{ id }} }} }} }}"""


async def broadcast(world: World) -> Thing:
    """For later, so that no worker of another test comes to it."""
    at = (world.platform.clock() + timedelta(days=60)).isoformat()
    sent = await world.answer(OWN_MANAGER, SEND.format(key=uuid4().hex, at=at))
    return Thing(sent["data"]["sendBroadcast"]["broadcast"]["id"])


async def message_template_version(world: World) -> Thing:
    """The English words of NEW_DEVICE, first version, unless another test changed them before."""
    async with world.platform.stores.sql.unit_of_work() as sql:
        await MessageTemplateVersions(sql).add(
            MessageTemplateVersion(
                kind=MessageKind.NEW_DEVICE,
                language="en",
                version=1,
                title="t",
                body="b",
                sms="",
                is_default=True,
                saved_at=world.platform.clock(),
                saved_by=world.staff[OWN_MANAGER].key,
            )
        )
    return Thing(1, key="version")


async def outgoing_message(world: World) -> Thing:
    """To the owner; the newest of all, and given up, so that no relay takes it."""
    owner, now = world.users[OWNER], world.platform.clock() + timedelta(days=3650)
    row = OutgoingMessage(
        id=uuid4(),
        kind=MessageKind.BAN_LIFTED,
        user_id=UUID(node_reference(owner.id).key),
        variables={},
        dedupe_key=f"test:{uuid4()}",
        state=OutgoingState.FAILED,
        reason="KeyError",
        attempts=6,
        created_at=now,
        finished_at=now,
    )
    async with world.platform.stores.sql.unit_of_work() as sql:
        sql.add(row)
    return Thing(str(row.id), clear={"receiver": owner.phone.removeprefix("+86")})
