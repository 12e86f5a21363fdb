"""`/sandbox/pay`: the simulated providers' books, and the switches of what goes wrong."""

import sqlite3
from dataclasses import dataclass
from html import escape
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from datasources.payments.beijing import Clock
from datasources.payments.channel import Provider
from domain.language import Language, Words
from server.sandbox_payments.alipay_fields import text_of
from server.sandbox_payments.books import Books
from server.sandbox_payments.happenings import Happenings
from server.sandbox_payments.journal import Told, newest_notifies, newest_refunds, newest_trades, send_again, totals
from server.sandbox_payments.look import PROVIDERS, language_for, money, shown
from server.sandbox_payments.messages import scrolled, sendings
from server.sandbox_payments.refunds import Refund, RefundStep
from server.sandbox_payments.switch_forms import switch_forms
from server.sandbox_payments.switches import SWITCHES, Setting, setting, turn
from server.sandbox_payments.trades import Trade, TradeStep

MOST_FORM_BYTES = 1024

_TITLE = Words("支付沙箱", "Payment sandbox")
_INTRODUCTION = Words(
    "平台以为在和微信支付、支付宝说话。这里是它们的账本，也可以让它们出错。",
    "The platform believes that it speaks to WeChat Pay and Alipay. These are their books; here they can be made to "
    "fail.",
)
_SUMS = Words("{provider}：收入 {came}，退出 {went}", "{provider}: {came} came in, {went} went back")
_TRADES, _REFUNDS, _NOTIFIES = Words("交易", "Trades"), Words("退款", "Refunds"), Words("通知", "Notifies")
_SWITCHES, _NONE = Words("故障开关", "What goes wrong"), Words("还没有。", "None yet.")
_TRADE_HEADS = (
    Words("渠道", "Provider"),
    Words("商户订单号", "Order number"),
    Words("金额", "Amount"),
    Words("状态", "State"),
    Words("下单时间", "Offered"),
    Words("付款时间", "Paid"),
)
_REFUND_HEADS = (
    Words("渠道", "Provider"),
    Words("商户退款单号", "Refund number"),
    Words("商户订单号", "Order number"),
    Words("金额", "Amount"),
    Words("状态", "State"),
    Words("申请时间", "Asked for"),
    Words("操作", "Action"),
)
_TRADE_STATES = {
    TradeStep.OPEN: Words("待付款", "open"),
    TradeStep.PAID: Words("已付款", "paid"),
    TradeStep.CLOSED: Words("已关闭", "closed"),
}
_REFUND_STATES = {
    RefundStep.PROCESSING: Words("处理中", "processing"),
    RefundStep.SUCCESS: Words("成功", "succeeded"),
    RefundStep.ABNORMAL: Words("异常", "abnormal"),
    RefundStep.CLOSED: Words("关闭", "closed"),
}
_PAY_OUT = Words("改到其他账户", "Pay out otherwise")
_PAY_OUT_OF = Words("把退款 {number} 改到其他账户", "Pay refund {number} out otherwise")


@dataclass(frozen=True, slots=True)
class Everything:
    """What the page shows."""

    trades: list[Trade]
    refunds: list[Refund]
    told: list[Told]
    sums: dict[Provider, tuple[int, int]]
    settings: dict[tuple[Provider, str], Setting]


class Overview:
    """The page's routes."""

    def __init__(self, books: Books, happenings: Happenings, clock: Clock) -> None:
        self._books = books
        self._happenings = happenings
        self._clock = clock

    def routes(self) -> list[BaseRoute]:
        """For a mount."""
        return [
            Route("/", self.show, methods=["GET"]),
            Route("/switch", self.switch, methods=["POST"]),
            Route("/again", self.again, methods=["POST"]),
            Route("/pay-out", self.pay_out, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """The books, the newest first."""
        language = language_for(request)
        found = await self._books.do(self._everything)
        title = _TITLE.say(language)
        sums = "".join(
            f"<p>{escape(_SUMS.say(language, provider=name.say(language), came=money(came), went=money(went)))}</p>"
            for provider, name in PROVIDERS.items()
            for came, went in [found.sums[provider]]
        )
        told = sendings(found.told, language, again=True) if found.told else f"<p>{_NONE.say(language)}</p>"
        content = (
            f'<h1>{title}</h1><p class="soft">{escape(_INTRODUCTION.say(language))}</p>{sums}'
            f"<h2>{_TRADES.say(language)}</h2>{_trades(found.trades, language)}"
            f"<h2>{_REFUNDS.say(language)}</h2>{_refunds(found.refunds, language)}"
            f"<h2>{_NOTIFIES.say(language)}</h2>{told}"
            f"<h2>{_SWITCHES.say(language)}</h2>{switch_forms(found.settings, language)}"
        )
        return shown(title, content, language, wide=True)

    async def switch(self, request: Request) -> Response:
        """Let something go wrong, or well again."""
        form = await _form(request)
        try:
            provider, uses = Provider(form.get("provider", "")), int(form["uses"]) if form.get("uses") else None
            await self._books.do(lambda books: turn(books, provider, form.get("name", ""), form.get("value", ""), uses))
        except ValueError:
            return Response(status_code=400)
        return _back(request)

    async def again(self, request: Request) -> Response:
        """Send a message once more."""
        number = (await _form(request)).get("notify", "")
        if not number.isdecimal():
            return Response(status_code=400)
        now = self._clock().timestamp()
        await self._books.do(lambda books: send_again(books, int(number), now))
        return _back(request)

    async def pay_out(self, request: Request) -> Response:
        """Put an ABNORMAL refund right, as somebody does at WeChat Pay's own desk."""
        number, now = (await _form(request)).get("refund", ""), self._clock().timestamp()
        await self._books.do(lambda books: self._happenings.pay_out(books, Provider.WECHAT_PAY, number, now))
        return _back(request)

    def _everything(self, books: sqlite3.Connection) -> Everything:
        self._happenings.catch_up(books, self._clock().timestamp())
        return Everything(
            trades=newest_trades(books),
            refunds=newest_refunds(books),
            told=newest_notifies(books),
            sums={provider: totals(books, provider) for provider in Provider},
            settings={(provider, name): setting(books, provider, name) for provider in Provider for name in SWITCHES},
        )


def _trades(trades: list[Trade], language: Language) -> str:
    def cells(trade: Trade) -> tuple[str, ...]:
        return (
            _brand(trade.provider, language),
            f'<a href="cashier/{trade.token}?lang={language}">{escape(trade.number)}</a>',
            money(trade.amount),
            _TRADE_STATES[trade.state].say(language),
            text_of(trade.created_at),
            "—" if trade.paid_at is None else text_of(trade.paid_at),
        )

    return _table(_TRADES, _TRADE_HEADS, [cells(trade) for trade in trades], language)


def _refunds(refunds: list[Refund], language: Language) -> str:
    def cells(refund: Refund) -> tuple[str, ...]:
        return (
            _brand(refund.provider, language),
            escape(refund.number),
            escape(refund.trade),
            money(refund.amount),
            _REFUND_STATES[refund.state].say(language),
            text_of(refund.asked_at),
            _pay_out_button(refund, language) if refund.state is RefundStep.ABNORMAL else "—",
        )

    return _table(_REFUNDS, _REFUND_HEADS, [cells(refund) for refund in refunds], language)


def _pay_out_button(refund: Refund, language: Language) -> str:
    label = escape(_PAY_OUT_OF.say(language, number=refund.number))
    return (
        f'<form method="post" action="pay-out?lang={language}"><button name="refund" value="{escape(refund.number)}"'
        f' aria-label="{label}">{_PAY_OUT.say(language)}</button></form>'
    )


def _table(name: Words, heads: tuple[Words, ...], rows: list[tuple[str, ...]], language: Language) -> str:
    if not rows:
        return f"<p>{_NONE.say(language)}</p>"
    head = "".join(f'<th scope="col">{escape(each.say(language))}</th>' for each in heads)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return scrolled(f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody>", name.say(language))


def _brand(provider: Provider, language: Language) -> str:
    return f'<span class="{provider}">{PROVIDERS[provider].say(language)}</span>'


def _back(request: Request) -> Response:
    return RedirectResponse(f"./?lang={language_for(request)}", 303)


async def _form(request: Request) -> dict[str, str]:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MOST_FORM_BYTES:
            return {}
    return {name: values[0] for name, values in parse_qs(body.decode(errors="replace")).items()}
