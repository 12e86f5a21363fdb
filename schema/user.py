"""User: a patient's account, as its owner and the staff who may read users see it."""

import datetime as dt

import strawberry

from datasources.sql.user_account import UserAccount, UserStatus, Verification
from domain.global_id import NodeKind, global_id
from resolvers import nodes, users
from schema.binding import Context, of
from schema.node import Node


@strawberry.federation.type(keys=["id"], description="An account of somebody who makes appointments.")
class User(Node):
    id: strawberry.ID = strawberry.field(
        resolver=of(lambda user: global_id(NodeKind.USER, user.id)), description="Global, opaque id."
    )
    phone: str = strawberry.field(
        resolver=of(lambda user: user.masked_phone), description="The phone, masked: 138****1234. Empty once erased."
    )
    nickname: str = strawberry.field(description="What the owner wants to be called; may be empty.")
    name: str = strawberry.field(
        resolver=of(lambda user: user.masked_name), description="The real name, masked; empty until it is verified."
    )
    verification: Verification = strawberry.field(
        resolver=of(users.verification), description="Whether the real name is known."
    )
    status: UserStatus = strawberry.field(resolver=of(users.status), description="Where the account stands.")
    created_at: dt.datetime = strawberry.field(description="When the account was made.")
    last_signed_in_at: dt.datetime | None = strawberry.field(description="When somebody last signed in to it.")
    delete_after: dt.datetime | None = strawberry.field(
        description="When its personal data will be erased, if its owner asked for that."
    )

    @classmethod
    def is_type_of(cls, value: object, info: Context) -> bool:
        return isinstance(value, UserAccount)

    @classmethod
    async def resolve_reference(cls, info: Context, id: strawberry.ID) -> object | None:
        return await nodes.node_of_kind(info.context, str(id), NodeKind.USER)
