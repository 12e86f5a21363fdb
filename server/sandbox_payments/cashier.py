"""`/sandbox/pay/cashier/{token}`: the payer's phone, with a button for each way in which a payment can go."""

import sqlite3
from html import escape
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from datasources.payments.beijing import Clock
from domain.language import Language, Words
from server.sandbox_payments.alipay_fields import text_of
from server.sandbox_payments.books import Books
from server.sandbox_payments.happenings import Happenings
from server.sandbox_payments.journal import Told, notifies_of
from server.sandbox_payments.look import PROVIDERS, language_for, money, shown
from server.sandbox_payments.merchant import NAME
from server.sandbox_payments.messages import sendings
from server.sandbox_payments.presses import LABELS, Press, pressed
from server.sandbox_payments.trades import Trade, TradeStep, see, trade_of_token

CASHIER_PATH = "/cashier/{token}"
MOST_FORM_BYTES = 1024

_TITLE = Words("收银台", "Cashier")
_TO = Words("付款给 {name}", "Payment to {name}")
_NUMBER = Words("商户订单号", "Order number")
_OFFERED = Words("下单时间", "Offered")
_EXPIRES = Words("付款截止", "Pay until")
_WAITS = Words("等待付款", "Waiting for payment")
_WAITS_TO_END = Words("等待付款；交易结束后会到账", "Waiting; it will be paid once the trade has ended")
_FAILED = Words("付款失败：余额不足。交易仍可付款。", "The payment failed: the balance does not suffice. Try again.")
_PAID = Words("已付款 {amount}，{at}", "Paid {amount}, {at}")
_OVER = Words("已结束，不能再付款", "Over; it cannot be paid any more")
_UNKNOWN = Words("没有这个二维码。", "There is no such code.")
_BACK = Words("返回商户", "Back to the merchant")
_BOOKS = Words("查看账本", "See the books")
_MESSAGES = Words("通知", "Notifies")
_BUTTONS = Words("怎样付款", "How to pay")


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
        token, language = request.path_params["token"], language_for(request)
        now = self._clock().timestamp()

        def seen(books: sqlite3.Connection) -> tuple[Trade, list[Told]] | None:
            see(books, token)
            self._happenings.catch_up(books, now)
            found = trade_of_token(books, token)
            return None if found is None else (found, notifies_of(books, found.provider, found.number))

        found = await self._books.do(seen)
        if found is None:
            title = _TITLE.say(language)
            return shown(title, f"<h1>404</h1><p>{_UNKNOWN.say(language)}</p>", language, status=404)
        trade, told = found
        failed = request.query_params.get("said") == Press.FAIL
        content = (
            f'<h1>{escape(_TO.say(language, name=NAME))}</h1><div class="card">'
            f"{_slip(trade, language)}{_state(trade, now, language, failed=failed)}"
            f"{_buttons(trade, now, language)}</div>{_messages(told, language)}{_ways_on(trade, language)}"
        )
        return shown(f"{money(trade.amount)} · {_TITLE.say(language)}", content, language)

    async def press(self, request: Request) -> Response:
        """A button; then the page again."""
        token, body = request.path_params["token"], b""
        async for part in request.stream():
            body += part
            if len(body) > MOST_FORM_BYTES:
                return Response(status_code=413)
        try:
            button = Press(parse_qs(body.decode()).get("press", [""])[0])
        except ValueError:
            return Response(status_code=400)
        now = self._clock().timestamp()
        await self._books.do(lambda books: pressed(books, self._happenings, token, button, now))
        said = f"&said={button}" if button is Press.FAIL else ""
        return RedirectResponse(f"{token}?lang={language_for(request)}{said}", 303)


def _slip(trade: Trade, language: Language) -> str:
    rows = (
        (_NUMBER, trade.number),
        (_OFFERED, text_of(trade.created_at)),
        (_EXPIRES, text_of(trade.expires_at)),
    )
    lines = "".join(f"<dt>{escape(name.say(language))}</dt><dd>{escape(value)}</dd>" for name, value in rows)
    return (
        f'<p class="brand {trade.provider}">{PROVIDERS[trade.provider].say(language)}</p>'
        f'<p class="amount">{money(trade.amount)}</p><p>{escape(trade.description)}</p><dl>{lines}</dl>'
    )


def _state(trade: Trade, now: float, language: Language, *, failed: bool) -> str:
    kind, words = "", _WAITS.say(language)
    if trade.state is TradeStep.PAID:
        paid = {"amount": money(trade.paid_amount or 0), "at": text_of(trade.paid_at or now)}
        kind, words = "good", _PAID.say(language, **paid)
    elif trade.state is TradeStep.CLOSED or trade.expires_at <= now:
        kind, words = "bad", _OVER.say(language)
    elif failed:
        kind, words = "bad", _FAILED.say(language)
    elif trade.pays_late:
        words = _WAITS_TO_END.say(language)
    return f'<div class="state {kind}" role="status"><p>{escape(words)}</p></div>'


def _buttons(trade: Trade, now: float, language: Language) -> str:
    if trade.state is TradeStep.PAID:
        return ""
    over = trade.state is TradeStep.CLOSED or trade.expires_at <= now
    buttons = []
    for press, (words, what) in LABELS.items():
        if over and press is not Press.PAY_LATE:
            continue
        main = ' class="main"' if press is Press.PAY else ""
        below = f"<span>{escape(what.say(language))}</span>" if what.english else ""
        label = f"<b>{escape(words.say(language))}</b>{below}"
        buttons.append(f'<button name="press" value="{press}"{main}>{label}</button>')
    name = escape(_BUTTONS.say(language))
    form = f'<form class="buttons" method="post" action="?lang={language}" aria-label="{name}">'
    return f"{form}{''.join(buttons)}</form>"


def _messages(told: list[Told], language: Language) -> str:
    if not told:
        return ""
    return f"<h2>{_MESSAGES.say(language)}</h2>{sendings(told, language)}"


def _ways_on(trade: Trade, language: Language) -> str:
    links = [f'<a href="../?lang={language}">{_BOOKS.say(language)}</a>']
    if trade.return_url.startswith(("http://", "https://")) and trade.state is TradeStep.PAID:
        links.insert(0, f'<a href="{escape(trade.return_url)}">{_BACK.say(language)}</a>')
    return f"<p>{' · '.join(links)}</p>"
