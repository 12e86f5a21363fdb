"""The receipt of an order: for its owner alone, to the fen, in two languages, with the certificate masked."""

import secrets
from datetime import timedelta
from typing import Any

from domain.permissions import Role
from tests.booking import Booker, booked, new_booker, new_session
from tests.platform import Platform
from tests.resolvers.test_payments import CANCEL, check, paid_at_provider, pay

RECEIPT = "query ($id: ID!) { node(id: $id) { ... on Order { receiptUrl payments { number codeText qrCode } } } }"


async def paid_order(platform: Platform) -> tuple[Booker, str, str]:
    """Somebody's order of 9.67 that was paid, and the payment's number."""
    booker = await new_booker(platform)
    order = await booked(platform, booker, await new_session(platform, doctorName="<b>林一鸣</b>"))
    payment = (await pay(platform, booker, order["id"]))["payment"]
    paid_at_provider(platform, payment)
    await check(platform, booker, order["id"])
    return booker, order["id"], payment["number"]


async def receipt(platform: Platform, token: str, order_id: str, **how: Any) -> str | None:
    """The link that this caller is given."""
    node = (await platform.data(RECEIPT, {"id": order_id}, bearer=token, **how))["node"]
    return None if node is None else node["receiptUrl"]


async def test_a_receipt_tells_what_was_paid_and_what_went_back(platform: Platform) -> None:
    booker, order_id, number = await paid_order(platform)

    link = await receipt(platform, booker.token, order_id, language="zh-CN")
    page = await platform.http.get(f"http://platform.test{link}")
    assert page.status_code == 200
    assert page.headers["cache-control"] == "private, no-store"
    for words in ("预约挂号电子凭证", "张三丰", number, "微信支付", ">9.67", "长春测试医院", "&lt;b&gt;林一鸣"):
        assert words in page.text, words
    assert "***" in page.text
    assert "退款" not in page.text

    input = {"orderId": order_id, "idempotencyKey": secrets.token_hex(8)}
    await platform.data(CANCEL, {"input": input}, bearer=booker.token)
    link = await receipt(platform, booker.token, order_id)
    page = await platform.http.get(f"http://platform.test{link}")
    for words in ("Receipt for an appointment", "WeChat Pay", "on its way", ">-9.67", ">0.00"):
        assert words in page.text, words


async def test_nobody_else_is_given_a_receipt_and_a_link_ends(platform: Platform) -> None:
    booker, order_id, _ = await paid_order(platform)
    stranger, operator = await new_booker(platform), await platform.new_staff(Role.OPERATOR)
    link = await receipt(platform, booker.token, order_id)
    assert link is not None

    assert await receipt(platform, stranger.token, order_id) is None
    assert await receipt(platform, operator.token, order_id) is None
    altered = link.replace(str(booker.user_key), str(stranger.user_key))
    assert altered != link
    assert (await platform.http.get(f"http://platform.test{altered}")).status_code == 403
    platform.clock.now += timedelta(minutes=6)
    assert (await platform.http.get(f"http://platform.test{link}")).status_code == 403


async def test_staff_see_a_payment_and_not_how_to_pay_it(platform: Platform) -> None:
    booker, operator = await new_booker(platform), await platform.new_staff(Role.OPERATOR)
    order = await booked(platform, booker, await new_session(platform))
    started = (await pay(platform, booker, order["id"]))["payment"]

    assert await receipt(platform, booker.token, order["id"]) is None, "nothing was paid"
    seen = (await platform.data(RECEIPT, {"id": order["id"]}, bearer=operator.token))["node"]
    assert seen["payments"] == [{"number": started["number"], "codeText": None, "qrCode": None}]
