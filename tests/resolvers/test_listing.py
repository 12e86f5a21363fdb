"""Cursors are opaque, yet anybody can make one up: what was not made by the list is refused as such."""

from uuid import uuid4

import pytest

from domain.paging import encode_cursor
from domain.permissions import Role
from tests.platform import Platform

SMS = "query ($after: String!) { smsMessages(after: $after) { nodes { id } } }"
AUDIT = "query ($after: String!) { auditLog(after: $after) { nodes { number } } }"
ORDERS = "query ($after: String!) { orders(after: $after) { nodes { id } } }"


@pytest.mark.parametrize(
    ("query", "list_name", "keys"),
    [
        (SMS, "smsMessages", ["2026-02-27T08:00:00", str(uuid4())]),
        (SMS, "smsMessages", ["yesterday", str(uuid4())]),
        (SMS, "smsMessages", ["2026-02-27T08:00:00+08:00", "1"]),
        (SMS, "smsMessages", ["2026-02-27T08:00:00+08:00"]),
        (AUDIT, "auditLog", ["-1"]),
        (AUDIT, "auditLog", ["٣"]),
        (AUDIT, "auditLog", ["9" * 19]),
        (ORDERS, "orders", ["1"]),
        (ORDERS, "myOrders", [str(uuid4())]),
    ],
)
async def test_a_cursor_that_the_list_did_not_make_is_refused(
    platform: Platform, query: str, list_name: str, keys: list[str]
) -> None:
    token = (await platform.new_staff(Role.PLATFORM_ADMINISTRATOR)).token

    error = await platform.error(query, {"after": encode_cursor(list_name, keys)}, bearer=token)

    assert error["extensions"]["code"] == "BAD_CURSOR"
