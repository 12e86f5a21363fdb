"""The switches of what goes wrong, as forms."""

from collections.abc import Mapping
from html import escape

from datasources.payments.channel import Provider
from domain.language import Language, Words
from server.sandbox_payments.look import PROVIDERS
from server.sandbox_payments.switches import SWITCHES, Answers, Bills, Notifies, Refunds, Setting

_NAMES = {
    "answers": Words("应答", "Answers"),
    "notifies": Words("通知", "Notifies"),
    "refunds": Words("退款", "Refunds"),
    "bills": Words("对账单", "Bills"),
}
_VALUES = {
    "answers": {
        Answers.OK.value: Words("正常", "as they should be"),
        Answers.ERROR.value: Words("500，什么也没做", "500, nothing done"),
        Answers.LOST.value: Words("已处理，但应答 500", "done, but 500"),
        Answers.HANGS.value: Words("不应答，什么也没做", "none, nothing done"),
        Answers.LOST_HANGS.value: Words("已处理，但不应答", "done, but none"),
    },
    "notifies": {
        Notifies.OK.value: Words("正常", "as they should be"),
        Notifies.LOST.value: Words("丢失", "lost"),
        Notifies.TWICE.value: Words("两次", "twice"),
        Notifies.LATE.value: Words("迟到", "late"),
        Notifies.REORDERED.value: Words("乱序", "out of order"),
        Notifies.WRONG_SIGNATURE.value: Words("先发错误签名", "wrong signature first"),
    },
    "refunds": {
        Refunds.SUCCESS.value: Words("正常", "as they should be"),
        Refunds.SLOW.value: Words("很慢", "slow"),
        Refunds.ABNORMAL.value: Words("异常", "abnormal"),
        Refunds.CLOSED.value: Words("关闭", "closed"),
    },
    "bills": {
        Bills.OK.value: Words("正常", "as they should be"),
        Bills.SHORT.value: Words("缺一笔", "a line missing"),
        Bills.LONG.value: Words("多一笔", "a line too many"),
        Bills.AMOUNT.value: Words("差一分", "a fen too much"),
    },
}
_TIMES, _TURN = Words("次数", "Times"), Words("设定", "Set")
_TURN_OF = Words("设定 {provider} {name}", "Set {provider}: {name}")


def switch_forms(settings: Mapping[tuple[Provider, str], Setting], language: Language) -> str:
    """A card for each provider, a form for each switch. Without a number of times a fault stays."""
    cards = (
        f'<div class="card"><p class="brand {provider}">{name.say(language)}</p>'
        f"{''.join(_form(provider, switch, settings[provider, switch], language) for switch in SWITCHES)}</div>"
        for provider, name in PROVIDERS.items()
    )
    return f'<div class="switches">{"".join(cards)}</div>'


def _form(provider: Provider, switch: str, now: Setting, language: Language) -> str:
    name = _NAMES[switch].say(language)
    options = "".join(
        f'<option value="{value.name}"{" selected" if value.name == now.value else ""}>'
        f"{escape(_VALUES[switch][value.value].say(language))}</option>"
        for value in SWITCHES[switch]
    )
    label = escape(_TURN_OF.say(language, provider=PROVIDERS[provider].say(language), name=name))
    uses = "" if now.uses is None else now.uses
    return (
        f'<form method="post" action="switch?lang={language}">'
        f'<input type="hidden" name="provider" value="{provider}"><input type="hidden" name="name" value="{switch}">'
        f'<label>{name}<select name="value">{options}</select></label>'
        f'<label>{_TIMES.say(language)}<input name="uses" type="number" min="1" max="999" value="{uses}"></label>'
        f'<button aria-label="{label}">{_TURN.say(language)}</button></form>'
    )
