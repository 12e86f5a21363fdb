"""What the owner applied for, and what hospital A's manager has open."""

import secrets
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from pydantic import SecretBytes
from uuid_utils.compat import uuid7

from datasources.sql.hospital_application import ApplicationState, HospitalApplication
from datasources.sql.integration_key import IntegrationKeys
from datasources.sql.staff_invitation import InviterKind, StaffInvitation
from datasources.sql.stored_file import FilePurpose, FileState, OwnerKind, StoredFile
from datasources.storage.object_store import new_object_key
from domain.global_id import NodeKind, global_id, node_reference
from domain.integration.keys import issue_key
from domain.onboarding.applying import SEALED_NAME, SEALED_PHONE, used_by
from domain.onboarding.receipt import code_hash, new_code, new_number
from domain.permissions import Role
from domain.staff.invitations import token_hash
from tests.resolvers.authorisation.rows import OWN_MANAGER, OWN_SYSTEM, OWNER
from tests.resolvers.authorisation.world import Thing, World


async def hospital_application(world: World) -> Thing:
    """The owner's, that waits."""
    return await _application(world)


async def rejected_application(world: World) -> Thing:
    """The owner's, that may be corrected."""
    decided = {"decided_at": world.platform.clock(), "decided_by": world.staff[OWN_MANAGER].key, "reason": "unclear"}
    return await _application(world, state=ApplicationState.REJECTED, **decided)


async def approved_application(world: World) -> Thing:
    """The owner's, of a hospital that nobody has taken up."""
    hospital = await world.platform.new_hospital()
    decided = {"decided_at": world.platform.clock(), "decided_by": world.staff[OWN_MANAGER].key}
    return await _application(world, state=ApplicationState.APPROVED, hospital_code=hospital.code, **decided)


async def free_licence(world: World) -> Thing:
    """A licence of the owner's that no application uses."""
    return Thing(global_id(NodeKind.FILE, await _licence(world, None)))


async def licence_in_use(world: World) -> Thing:
    """A licence of an application, whose id is another name of it."""
    application = await _application(world)
    return Thing(application.names["licence"], names=application.names)


async def staff_invitation(world: World) -> Thing:
    """Of hospital A's manager, open for as long as tests' clocks run."""
    now, token = world.platform.clock(), secrets.token_urlsafe(32)
    invitation = StaffInvitation(
        id=uuid7(),
        hospital_code=world.hospitals[OWN_SYSTEM].code,
        roles=[Role.HOSPITAL_CLERK.value],
        note="",
        token_hash=token_hash(token),
        inviter_kind=InviterKind.STAFF,
        inviter_id=world.staff[OWN_MANAGER].key,
        created_at=now,
        expires_at=now + timedelta(days=3650),
    )
    async with world.platform.stores.sql.unit_of_work() as sql:
        sql.add(invitation)
    return Thing(str(invitation.id), names={"invitation_token": token})


async def hospital_account(world: World) -> Thing:
    """Hospital A's."""
    return Thing(world.hospitals[OWN_SYSTEM].code, key="code")


async def integration_key(world: World) -> Thing:
    """Hospital A's that its system signs with; for mutations, which may end it, another in place of the last."""
    hospital = world.hospitals[OWN_SYSTEM]
    async with world.platform.stores.sql.unit_of_work() as sql:
        keys = IntegrationKeys(sql)
        first, *others = await keys.live_ids(hospital.code)
        for each in others:
            await keys.revoke(each, world.platform.clock())
        if "IntegrationKey" in world.things:
            first = (await issue_key(sql, world.platform.ring, hospital.code)).key_id
    return Thing(first, key="keyId")


async def _application(world: World, **columns: Any) -> Thing:
    id, code, number, now = uuid7(), new_code(), new_number(), world.platform.clock()
    clear = {"contactName": "王小明", "contactPhone": "+8613800001234"}
    licence = await _licence(world, used_by(id))
    row = HospitalApplication(
        **{
            "id": id,
            "number": number,
            "receipt_hash": code_hash(code),
            "user_id": _owner(world),
            "state": ApplicationState.SUBMITTED,
            "name": f"临江{secrets.token_hex(4)}医院",
            "level": "3A",
            "region_code": "110101",
            "address": "东城区测试路 1 号",
            "registration_number": secrets.token_hex(11).upper(),
            "phone": "010-65123456",
            "sealed_contact_name": _sealed(world, SEALED_NAME, id, clear["contactName"]),
            "sealed_contact_phone": _sealed(world, SEALED_PHONE, id, clear["contactPhone"]),
            "licence_file_ids": [licence],
            "applied_at": now,
            "submitted_at": now,
            **columns,
        }
    )
    async with world.platform.stores.sql.unit_of_work() as sql:
        sql.add(row)
    names = {
        "application_number": number,
        "receipt_code": code,
        "licence": global_id(NodeKind.FILE, licence),
        "application": str(id),
    }
    # Only the first one of all names the world's.
    shown = (
        names
        if not columns and "HospitalApplication" not in world.things
        else {
            "licence": names["licence"],
            "application": names["application"],
        }
    )
    return Thing(str(id), clear=clear, names=shown)


async def _licence(world: World, use: str | None) -> UUID:
    id, now = uuid4(), world.platform.clock()
    async with world.platform.stores.sql.unit_of_work() as sql:
        sql.add(
            StoredFile(
                id=id,
                owner_kind=OwnerKind.USER,
                owner_id=_owner(world),
                purpose=FilePurpose.HOSPITAL_LICENCE,
                state=FileState.READY,
                content_type="image/jpeg",
                size=1,
                object_key=new_object_key(),
                used_by=use,
                created_at=now,
                ready_at=now,
            )
        )
    return id


def _owner(world: World) -> UUID:
    return UUID(node_reference(world.users[OWNER].id).key)


def _sealed(world: World, field: str, id: UUID, clear: str) -> bytes:
    return world.platform.ring.seal(field, str(id), SecretBytes(clear.encode()))
