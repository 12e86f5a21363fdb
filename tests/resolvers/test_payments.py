"""Paying one's own order through the graph, and what is seen of its money."""

import base64
import secrets
from decimal import Decimal
from io import BytesIO
from typing import Any

from PIL import Image

from datasources.payments.channel import RefundState
from domain.payments.desk import PaymentDesk
from domain.payments.refunding import run_refund
from tests.booking import Booker, booked, new_booker, new_session
from tests.domain.payments.money import refund_rows
from tests.order_steps import key_of, row_of
from tests.platform import Platform, as_answered

PAYMENT = "number state provider amount { amount currency } refunded { amount } codeText qrCode qrImage link expiresAt"
PAY = f"""mutation ($input: PayOrderInput!) {{ payOrder(input: $input) {{ __typename
  ... on PaymentStarted {{ payment {{ {PAYMENT} paidAt }} }} ... on Problem {{ code message }}
  ... on OrderNotPayable {{ state }} ... on PaymentUnavailable {{ provider retryAfterSeconds }} }} }}"""
CHECK = """mutation ($input: CheckPaymentsInput!) { checkPayments(input: $input) { __typename
  ... on PaymentsChecked { order { state paid { amount } } } ... on Problem { code } } }"""
CANCEL = """mutation ($input: CancelOrderInput!) { cancelOrder(input: $input) { __typename
  ... on OrderCancelled { order { state refunds { state amount { amount } reason } } } } }"""
ORDER = f"""query ($id: ID!) {{ node(id: $id) {{ ... on Order {{ state fee {{ amount }} paid {{ amount }}
  refundable {{ amount }} cancellationPreview {{ isPossible closesAt refund {{ amount }} underWay {{ amount }} }}
  payments {{ {PAYMENT} }} refunds {{ number state amount {{ amount }} reason finishedAt }} }} }} }}"""


async def waiting(platform: Platform) -> tuple[Booker, str]:
    """Somebody with an order of 9.67 that is to be paid."""
    booker = await new_booker(platform)
    order = await booked(platform, booker, await new_session(platform))
    assert order["state"] == "AWAITING_PAYMENT"
    return booker, order["id"]


async def pay(platform: Platform, booker: Booker, order_id: str, **changes: Any) -> Any:
    """The answer to `payOrder`."""
    given = {"orderId": order_id, "provider": "WECHAT_PAY", "idempotencyKey": secrets.token_hex(8)} | changes
    return (await platform.data(PAY, {"input": given}, bearer=booker.token))["payOrder"]


async def check(platform: Platform, booker: Booker, order_id: str) -> Any:
    """The answer to `checkPayments`."""
    return (await platform.data(CHECK, {"input": {"orderId": order_id}}, bearer=booker.token))["checkPayments"]


async def order_of(platform: Platform, booker: Booker, order_id: str) -> Any:
    """The order as this caller sees it."""
    return (await platform.data(ORDER, {"id": order_id}, bearer=booker.token))["node"]


def paid_at_provider(platform: Platform, payment: dict[str, Any]) -> None:
    """The payer has scanned and paid."""
    platform.provider.pay(payment["number"], platform.clock())


async def test_an_order_is_offered_as_picture_and_text_and_is_paid_once_the_provider_says_so(
    platform: Platform,
) -> None:
    booker, order_id = await waiting(platform)

    started = await pay(platform, booker, order_id)

    payment = started["payment"]
    assert (started["__typename"], payment["state"], payment["amount"]["amount"]) == ("PaymentStarted", "OPEN", "9.67")
    assert payment["codeText"] == f"test:{payment['number']}"
    assert payment["qrCode"].startswith("<?xml")
    head, _, encoded = payment["qrImage"].partition(",")
    assert head == "data:image/png;base64"
    assert Image.open(BytesIO(base64.b64decode(encoded))).size[0] > 200
    lapses_at = (await row_of(platform.stores, key_of(order_id))).lapses_at
    assert lapses_at is not None
    assert payment["expiresAt"] == as_answered(lapses_at)

    paid_at_provider(platform, payment)
    checked = await check(platform, booker, order_id)
    assert checked["order"] == {"state": "PAID", "paid": {"amount": "9.67"}}
    seen = await order_of(platform, booker, order_id)
    assert [each["state"] for each in seen["payments"]] == ["PAID"]
    assert seen["payments"][0]["qrCode"] is None, "what is paid can't be paid again"


async def test_the_same_call_answers_the_same_payment_and_a_used_key_is_refused(platform: Platform) -> None:
    booker, order_id = await waiting(platform)
    key = secrets.token_hex(8)

    first = await pay(platform, booker, order_id, idempotencyKey=key)
    again = await pay(platform, booker, order_id, idempotencyKey=key)
    other = await pay(platform, booker, order_id, idempotencyKey=key, client="BROWSER")
    blank = await pay(platform, booker, order_id, idempotencyKey="")

    assert first["payment"]["number"] == again["payment"]["number"]
    assert (other["__typename"], blank["__typename"]) == ("IdempotencyKeyReused", "InvalidInput")


async def test_a_stranger_can_neither_pay_nor_ask_about_nor_see_somebodys_order(platform: Platform) -> None:
    booker, order_id = await waiting(platform)
    await pay(platform, booker, order_id)
    stranger = await new_booker(platform)

    assert (await pay(platform, stranger, order_id))["__typename"] == "NotFound"
    assert (await check(platform, stranger, order_id))["__typename"] == "NotFound"
    assert await order_of(platform, stranger, order_id) is None


async def test_what_cannot_be_paid_says_why(platform: Platform) -> None:
    booker, order_id = await waiting(platform)

    elsewhere = await pay(platform, booker, order_id, provider="ALIPAY")
    assert (elsewhere["code"], elsewhere["provider"], elsewhere["retryAfterSeconds"]) == (
        "PAYMENT_UNAVAILABLE",
        "ALIPAY",
        None,
    )
    platform.provider.down = True
    down = await pay(platform, booker, order_id)
    platform.provider.down = False
    assert (down["code"], down["retryAfterSeconds"]) == ("PAYMENT_UNAVAILABLE", 5)

    await platform.data(
        CANCEL, {"input": {"orderId": order_id, "idempotencyKey": secrets.token_hex(8)}}, bearer=booker.token
    )
    ended = await pay(platform, booker, order_id)
    assert (ended["code"], ended["state"]) == ("ORDER_NOT_PAYABLE", "CANCELLED")
    assert "book again" in ended["message"]


async def test_a_cancelled_order_shows_its_refund_until_it_has_arrived(platform: Platform) -> None:
    booker, order_id = await waiting(platform)
    payment = (await pay(platform, booker, order_id))["payment"]
    paid_at_provider(platform, payment)
    await check(platform, booker, order_id)
    before = await order_of(platform, booker, order_id)
    assert before["refundable"]["amount"] == "9.67"
    assert before["cancellationPreview"]["isPossible"]
    assert before["cancellationPreview"]["closesAt"] is not None
    assert before["cancellationPreview"]["refund"]["amount"] == "9.67"
    assert before["refunds"] == []

    input = {"orderId": order_id, "idempotencyKey": secrets.token_hex(8)}
    cancelled = (await platform.data(CANCEL, {"input": input}, bearer=booker.token))["cancelOrder"]["order"]
    assert cancelled == {
        "state": "REFUNDING",
        "refunds": [{"state": "WAITING", "amount": {"amount": "9.67"}, "reason": "CANCEL_PAID"}],
    }
    seen = await order_of(platform, booker, order_id)
    assert seen["cancellationPreview"] == {
        "isPossible": False,
        "closesAt": None,
        "refund": {"amount": "0.00"},
        "underWay": {"amount": "9.67"},
    }
    desk = PaymentDesk(platform.stores, {platform.provider.provider: platform.provider}, "http://platform.test")
    # This order's own: the provider would answer so to whichever of other tests' refunds came first.
    platform.provider.refund_states = [RefundState.SUCCEEDED]
    [promised] = await refund_rows(platform.stores, key_of(order_id))
    await run_refund(desk, promised, platform.clock())

    seen = await order_of(platform, booker, order_id)
    assert (seen["state"], seen["paid"]["amount"]) == ("REFUNDED", "0.00")
    assert [each["state"] for each in seen["refunds"]] == ["DONE"]
    assert seen["payments"][0]["refunded"]["amount"] == "9.67"
    assert platform.provider.given_back(payment["number"]) == Decimal("9.67")


async def test_the_providers_are_listed_by_name(platform: Platform) -> None:
    query = "{ paymentChannels { provider name isAvailable retryAfterSeconds } }"

    chinese = (await platform.data(query, language="zh-CN"))["paymentChannels"]
    platform.provider.is_reachable = False
    away = (await platform.data(query))["paymentChannels"]
    platform.provider.is_reachable = True

    shown = {"provider": "WECHAT_PAY", "name": "微信支付", "isAvailable": True, "retryAfterSeconds": None}
    assert chinese == [shown]
    assert away == [shown | {"name": "WeChat Pay", "isAvailable": False, "retryAfterSeconds": 5}]
