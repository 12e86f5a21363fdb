"""`/receipts`: an order's electronic bill as a page to print, by links that the graph made for the order's owner."""

from datetime import datetime
from decimal import Decimal
from html import escape
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from datasources.faults import unavailable_store
from datasources.payments.channel import Provider
from datasources.sealing import KeyRing
from datasources.sql.refund import RefundRowState
from datasources.storage.signed_links import LinkRefusedError, SignedLinks
from datasources.stores import Stores
from domain.clock import Clock
from domain.language import Language, Words
from domain.payments.receipts import PATH, Receipt, receipt_of
from server.pages import html, page

_STYLE = """<style>
table{width:100%;border-collapse:collapse;margin:1.25rem 0;color:var(--ink);font-size:.95rem}
caption{text-align:left;font-weight:600;padding:.35rem 0}
th,td{padding:.45rem .6rem;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}
th{color:var(--soft);font-weight:400}
td.amount,th.amount{text-align:right;font-variant-numeric:tabular-nums}
td.amount,.whole{white-space:nowrap}
td .number{display:block;word-break:break-all;font:.85em ui-monospace,monospace;color:var(--soft)}
tr.sum td{border-bottom:0;font-weight:600}
@page{size:A4;margin:18mm}
@media print{:root{--ink:#000;--soft:#333;--line:#999;--ground:#fff;--card:#fff;--accent:#000}
body{display:block;min-height:0;padding:0;font-size:11pt}main{max-width:none}tr{break-inside:avoid}}
</style>"""
_TITLE = Words("预约挂号电子凭证", "Receipt for an appointment")
_NOTE = Words(
    "本凭证由平台根据支付渠道的记录生成，不是财政电子票据或发票；如需票据请向医院索取。",
    "Made by the platform from the payment providers' records. It is no tax invoice; ask the hospital for one.",
)
_ENDED = Words(
    "此链接已过期或无效，请在订单页重新打开。", "This link has expired or is not valid; open it again from the order."
)
_NOTHING = Words("该订单没有支付记录。", "Nothing was paid for this order.")
_DOWN = Words("服务暂时不可用，请稍后重试。", "The service is not available now; try again shortly.")
_PROVIDERS = {
    Provider.WECHAT_PAY: Words("微信支付", "WeChat Pay"),
    Provider.ALIPAY: Words("支付宝", "Alipay"),
}
_STATES = {
    RefundRowState.DONE: Words("已到账", "arrived"),
    RefundRowState.WAITING: Words("处理中", "on its way"),
    RefundRowState.PROCESSING: Words("处理中", "on its way"),
    RefundRowState.ABNORMAL: Words("处理中", "on its way"),
}
_LABELS = {
    "order": Words("订单号", "Order"),
    "hospital": Words("医院", "Hospital"),
    "department": Words("科室", "Department"),
    "doctor": Words("医生", "Doctor"),
    "visit": Words("就诊时间", "Visit"),
    "patient": Words("就诊人", "Patient"),
    "certificate": Words("证件号码", "Certificate"),
    "paid": Words("支付", "Payments"),
    "back": Words("退款", "Refunds"),
    "time": Words("时间", "Time"),
    "by": Words("渠道与单号", "By, with numbers"),
    "amount": Words("金额（元）", "Amount (CNY)"),
    "kept": Words("实付合计", "Kept in all"),
    "made": Words("生成时间", "Made"),
    "AM": Words("上午", "morning"),
    "PM": Words("下午", "afternoon"),
}


class ReceiptRoutes:
    """The routes and what they need."""

    def __init__(self, stores: Stores, ring: KeyRing, links: SignedLinks, clock: Clock, zone: ZoneInfo) -> None:
        self._stores = stores
        self._ring = ring
        self._links = links
        self._clock = clock
        self._zone = zone

    def routes(self) -> list[BaseRoute]:
        """For the application."""
        return [Route(PATH, self.receipt, methods=["GET"])]

    async def receipt(self, request: Request) -> Response:
        """The page that the link was made for."""
        now = self._clock()
        try:
            terms = self._links.terms("GET", PATH, request.query_params.multi_items(), now=now)
        except LinkRefusedError:
            return _said(_ENDED, 403)
        try:
            receipt = await receipt_of(self._stores, self._ring, terms)
        except Exception as error:
            if unavailable_store(error) is None:
                raise
            return _said(_DOWN, 503)
        if receipt is None:
            return _said(_NOTHING, 404)
        return _private(html(_page(receipt, Language(terms["language"]), self._zone, now)))


def _page(receipt: Receipt, language: Language, zone: ZoneInfo, now: datetime) -> str:
    def label(name: str) -> str:
        return escape(_LABELS[name].say(language))

    def shown(moment: datetime | None) -> str:
        return "" if moment is None else moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")

    order = receipt.order
    doctor = f"{order.texts.get('doctor', '')} {order.texts.get('title', '')}".strip()
    facts = [
        (label("order"), order.order_number),
        (label("hospital"), str(order.texts.get("hospital", ""))),
        (label("department"), str(order.texts.get("department", ""))),
        (label("doctor"), doctor),
        (label("visit"), f"{order.visit_date.isoformat()} {_LABELS[order.half_day].say(language)}"),
        (label("patient"), receipt.patient_name),
        (label("certificate"), receipt.masked_certificate or ""),
        (label("made"), shown(now)),
    ]
    head = f"<tr><th>{label('time')}<th>{label('by')}<th class=amount>{label('amount')}"
    providers = {payment.id: _PROVIDERS[Provider(payment.channel)].say(language) for payment in receipt.payments}
    paid = [
        _row(
            _unbroken(shown(each.paid_at)),
            providers[each.id],
            f"{each.trade_number} / {each.provider_number}",
            each.amount,
        )
        for each in receipt.payments
    ]
    back = [
        _row(
            _unbroken(shown(each.finished_at)) or escape(_STATES[RefundRowState(each.state)].say(language)),
            providers.get(each.payment_id, ""),
            each.refund_number,
            -each.amount,
        )
        for each in receipt.refunds
    ]
    kept = f"<tr class=sum><td colspan=2>{label('kept')}<td class=amount>{receipt.paid - receipt.given_back:.2f}"
    table = "".join(f"<tr><th>{name}<td>{escape(value)}" for name, value in facts if value)
    money = f"<table><caption>{label('paid')}</caption>{head}{''.join(paid)}</table>"
    if back:
        money += f"<table><caption>{label('back')}</caption>{head}{''.join(back)}</table>"
    content = f"{_STYLE}<table>{table}</table>{money}<table>{kept}</table><p>{escape(_NOTE.say(language))}</p>"
    return page(_TITLE.say(language), content)


def _row(time: str, by: str, number: str, amount: Decimal) -> str:
    """`time` is HTML, the rest is text."""
    named = f"{escape(by)} <span class=number>{escape(number)}</span>"
    return f"<tr><td>{time}<td>{named}<td class=amount>{amount:.2f}"


def _unbroken(moment: str) -> str:
    """Date and time may stand below each other, and neither is broken."""
    return " ".join(f"<span class=whole>{escape(part)}</span>" for part in moment.split())


def _said(words: Words, status: int) -> Response:
    chinese, english = escape(words.say(Language.CHINESE)), escape(words.say(Language.ENGLISH))
    content = f'<p lang="zh">{chinese}</p><p lang="en">{english}</p>'
    title = f"{_TITLE.say(Language.CHINESE)} · {_TITLE.say(Language.ENGLISH)}"
    return _private(html(page(title, content), status))


def _private(response: Response) -> Response:
    response.headers["cache-control"] = "private, no-store"
    return response
