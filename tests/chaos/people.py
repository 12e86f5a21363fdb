"""Patients in a storm: they book, pay and give back, repeat what was not answered, and remember what they were
promised."""

import asyncio
import random
import secrets
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.booking import CREATE, Booker, OpenSession
from tests.chaos.house import House

CANCEL = """mutation ($input: CancelOrderInput!) { cancelOrder(input: $input) { __typename
  ... on OrderCancelled { order { id state } } ... on Problem { code message } } }"""

PAY = """mutation ($input: PayOrderInput!) { payOrder(input: $input) { __typename
  ... on PaymentStarted { payment { codeText } } ... on Problem { code message } } }"""
PROVIDERS = ("WECHAT_PAY", "ALIPAY")
PRESSES = (*["pay"] * 4, "pay-lose-notify", "pay-notify-twice", "pay-wrong-signature")
CASHIER = "http://platform.test/sandbox/pay/cashier"

LONGEST_UNANSWERED_SECONDS = 60.0
PAUSE_SECONDS = 0.05
CLEAN_ERRORS = ("SERVICE_UNAVAILABLE", "TIMED_OUT")
"""What the platform may say while a part of it is down."""


class PromiseBrokenError(AssertionError):
    """Something that was promised is not so."""


@dataclass
class Tally:
    """What the storm was answered."""

    answers: Counter[str] = field(default_factory=Counter)
    unclean: list[dict[str, Any]] = field(default_factory=list)
    """Errors that nobody should ever see."""


@dataclass
class Person:
    """One patient, and the orders that were promised: id → number; given back ones are taken out."""

    booker: Booker
    held: dict[str, int] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)

    async def live(self, house: House, sessions: list[OpenSession], tally: Tally, over: asyncio.Event) -> None:
        """Book and give back until it is over."""
        dice = random.Random(self.booker.user_key.int)
        while not over.is_set():
            if self.held and dice.random() < 0.6:
                await self._give_back(house, dice.choice(sorted(self.held)), tally)
            else:
                await self._book(house, dice, dice.choice(sessions), tally)
            await asyncio.sleep(dice.random() * PAUSE_SECONDS)

    async def _book(self, house: House, dice: random.Random, session: OpenSession, tally: Tally) -> None:
        wanted = {
            "scheduleId": session.id,
            "patientId": self.booker.patient_id,
            "idempotencyKey": secrets.token_hex(8),
        }
        answer = await self._answered(house, CREATE, wanted, "createOrder", tally)
        if answer["__typename"] == "OrderCreated":
            order = answer["order"]
            self.held[order["id"]] = order["number"]
            if order["state"] == "AWAITING_PAYMENT":
                await self._pay(house, dice, order["id"], tally)

    async def _pay(self, house: House, dice: random.Random, order_id: str, tally: Tally) -> None:
        """Have a code shown, scan it, and press one of the cashier's buttons until the cashier has heard it."""
        wanted = {"orderId": order_id, "provider": dice.choice(PROVIDERS), "idempotencyKey": secrets.token_hex(8)}
        answer = await self._answered(house, PAY, wanted, "payOrder", tally)
        if answer["__typename"] != "PaymentStarted" or answer["payment"]["codeText"] is None:
            return
        address = f"{CASHIER}/{answer['payment']['codeText'].rpartition('/')[2].rpartition('=')[2]}"
        button = dice.choice(PRESSES)
        async with asyncio.timeout(LONGEST_UNANSWERED_SECONDS):
            while True:
                try:
                    pressed = await house.platform.http.post(address, data={"press": button})
                except httpx.TransportError as error:
                    tally.answers[type(error).__name__] += 1
                else:
                    if pressed.status_code == httpx.codes.SEE_OTHER:
                        tally.answers["paid at the cashier"] += 1
                        return
                await asyncio.sleep(PAUSE_SECONDS)

    async def _give_back(self, house: House, order_id: str, tally: Tally) -> None:
        wanted = {"orderId": order_id, "idempotencyKey": secrets.token_hex(8)}
        answer = await self._answered(house, CANCEL, wanted, "cancelOrder", tally)
        if answer["__typename"] == "OrderCancelled":
            del self.held[order_id]
            self.ended.add(order_id)

    async def _answered(self, house: House, query: str, wanted: dict[str, Any], name: str, tally: Tally) -> Any:
        """The answer, asked for under the same key until there is one."""
        async with asyncio.timeout(LONGEST_UNANSWERED_SECONDS):
            while True:
                try:
                    answer = await house.platform.answer(query, {"input": wanted}, bearer=self.booker.token)
                except (httpx.TransportError, ValueError) as error:
                    tally.answers[type(error).__name__] += 1
                    await asyncio.sleep(PAUSE_SECONDS)
                    continue
                if "errors" not in answer:
                    typename = answer["data"][name]["__typename"]
                    tally.answers[typename] += 1
                    if typename != "AttemptInProgress":
                        return answer["data"][name]
                else:
                    code = answer["errors"][0]["extensions"]["code"]
                    tally.answers[code] += 1
                    if code not in CLEAN_ERRORS:
                        tally.unclean.append(answer["errors"][0])
                await asyncio.sleep(PAUSE_SECONDS)
