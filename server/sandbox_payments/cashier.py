"""`/sandbox/pay/cashier/{token}`: the payer's phone, with a button for each way in which a payment can go."""

import sqlite3
from enum import StrEnum
from html import escape

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from datasources.payments.beijing import Clock
from datasources.payments.yuan import yuan_of
from server.pages import html, page
from server.sandbox_payments.books import Books
from server.sandbox_payments.happenings import Happenings
from server.sandbox_payments.switches import Notifies
from server.sandbox_payments.trades import Trade, TradeStep, see, trade_of_token, will_pay_late

CASHIER_PATH = "/cashier/{token}"


class Press(StrEnum):
    """The cashier's buttons."""

    PAY = "pay"
    PAY_LOSE = "pay-lose-notify"
    PAY_TWICE = "pay-notify-twice"
    PAY_PROBE = "pay-wrong-signature"
    PAY_LATE = "pay-late"
    PAY_LESS = "pay-another-amount"
    FAIL = "fail"


_HOW = {
    Press.PAY_LOSE: Notifies.LOST,
    Press.PAY_TWICE: Notifies.TWICE,
    Press.PAY_PROBE: Notifies.WRONG_SIGNATURE,
}


class Cashier:
    """The page's routes."""

    def __init__(self, books: Books, happenings: Happenings, clock: Clock) -> None:
        self._books = books
        self._happenings = happenings
        self._clock = clock

    def routes(self) -> list[BaseRoute]:
        """For a mount."""
        return [
            Route(CASHIER_PATH, self.show, methods=["GET"]),
            Route(CASHIER_PATH, self.press, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """What is to be paid, and how it stands. To open it is to scan its code."""
        token = request.path_params["token"]
        now = self._clock().timestamp()

        def seen(books: sqlite3.Connection) -> Trade | None:
            see(books, token)
            self._happenings.catch_up(books, now)
            return trade_of_token(books, token)

        found = await self._books.do(seen)
        if found is None:
            return html(page("404", "<p>There is no such code.</p>"), 404)
        return html(page(yuan_text(found.amount), f"<p>{escape(found.description)} {found.state}</p>"))

    async def press(self, request: Request) -> Response:
        """A button."""
        token, button = request.path_params["token"], Press(request.query_params.get("press", ""))
        await self._books.do(lambda books: self.pressed(books, token, button))
        return RedirectResponse(token, 303)

    def pressed(self, books: sqlite3.Connection, token: str, button: Press) -> None:
        """What the button does; nothing where the trade cannot take it any more."""
        now = self._clock().timestamp()
        found = trade_of_token(books, token)
        if found is None or found.state is TradeStep.PAID or button is Press.FAIL:
            return
        over = found.state is TradeStep.CLOSED or found.expires_at <= now
        if button is Press.PAY_LATE:
            if over:
                self._happenings.pay(books, found, now)
            else:
                will_pay_late(books, found)
        elif not over:
            amount = max(1, found.amount - 1) if button is Press.PAY_LESS else None
            self._happenings.pay(books, found, now, amount=amount, how=_HOW.get(button))


def yuan_text(fen: int) -> str:
    """`¥9.67`."""
    return f"¥{yuan_of(fen)}"
