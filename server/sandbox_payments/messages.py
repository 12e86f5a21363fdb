"""The simulated providers' messages as a table."""

from html import escape

from domain.language import Language, Words
from server.sandbox_payments.alipay_fields import text_of
from server.sandbox_payments.journal import Attempt, Told
from server.sandbox_payments.look import PROVIDERS
from server.sandbox_payments.notifies import NotifyState

_TABLE = Words("通知及其发送", "Notifies and their sendings")
_HEADS = (
    Words("渠道", "Provider"),
    Words("关于", "About"),
    Words("状态", "State"),
    Words("每次发送", "Sendings"),
    Words("下次", "Next"),
)
_STATES = {
    NotifyState.WAITING: Words("待发送", "waiting"),
    NotifyState.TAKEN: Words("已送达", "taken"),
    NotifyState.GIVEN_UP: Words("已放弃", "given up"),
    NotifyState.LOST: Words("已丢失", "lost"),
}
_KINDS = {NotifyState.TAKEN: "good", NotifyState.GIVEN_UP: "bad"}
_PAYMENT, _REFUND = Words("付款 {number}", "payment {number}"), Words("退款 {number}", "refund {number}")
_NO_ANSWER = Words("无应答", "no answer")
_FLAWED = Words("错误签名 → {answer}", "wrong signature → {answer}")
_BELIEVED = Words("（本应拒绝！）", " (should have been refused!)")
_AGAIN = Words("再发一次", "Send again")
_AGAIN_OF = Words("再发一次：{what}", "Send again: {what}")
_ACTION = Words("操作", "Action")


def sendings(told: list[Told], language: Language, *, again: bool = False) -> str:
    """One row for each message; with a button to send it again if `again`."""
    heads = [*_HEADS, _ACTION] if again else list(_HEADS)
    head = "".join(f'<th scope="col">{escape(each.say(language))}</th>' for each in heads)
    rows = "".join(_row(each, language, again=again) for each in told)
    return scrolled(f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody>", _TABLE.say(language))


def scrolled(table: str, name: str) -> str:
    """A table that scrolls by itself where it is wider than the page, also by keyboard."""
    return f'<div class="scroll" role="region" tabindex="0" aria-label="{escape(name)}"><table>{table}</table></div>'


def _row(told: Told, language: Language, *, again: bool) -> str:
    notify = told.notify
    about = _REFUND if notify.refund else _PAYMENT
    what = about.say(language, number=notify.refund or notify.trade)
    sent = "<br>".join(_sent(each, language) for each in told.attempts)
    waits = notify.state is NotifyState.WAITING
    cells = [
        f'<span class="{notify.provider}">{PROVIDERS[notify.provider].say(language)}</span>',
        escape(what),
        f'<span class="{_KINDS.get(notify.state, "")}">{_STATES[notify.state].say(language)}</span>',
        sent or "—",
        text_of(notify.due_at) if waits else "—",
    ]
    if again:
        label = escape(_AGAIN_OF.say(language, what=what))
        cells.append(
            f'<form method="post" action="again?lang={language}"><button name="notify" value="{notify.id}"'
            f' aria-label="{label}">{_AGAIN.say(language)}</button></form>'
        )
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _sent(attempt: Attempt, language: Language) -> str:
    answer = _NO_ANSWER.say(language) if attempt.status is None else str(attempt.status)
    taken = attempt.status in {200, 204}
    words = _FLAWED.say(language, answer=answer) if attempt.flawed else answer
    if attempt.flawed and taken:
        words += _BELIEVED.say(language)
    good = taken != attempt.flawed
    return f'<span class="{"good" if good else "bad"}">{text_of(attempt.at)[11:]} {escape(words)}</span>'
