"""What people answer to messages: words that opt out of reminders and announcements, and back in. Pure."""

import unicodedata

from datasources.sql.sms_received import ReceivedMeaning

_OPT_OUT = frozenset({"TD", "T", "退订", "N", "STOP", "QX", "取消", "UNSUBSCRIBE"})
_OPT_IN = frozenset({"DY", "订阅", "START", "恢复"})
_AROUND = " \t\r\n.。!！,，\"'“”‘’【】[]()（）"

OPTED_OUT_ANSWER = "【HTBooking】已退订提醒和通知类短信，验证码与就诊变更仍会发送。恢复请回复 DY。"
OPTED_IN_ANSWER = "【HTBooking】已恢复提醒和通知类短信。退订请回复 TD。"


def meaning_of(text: str) -> ReceivedMeaning:
    """What the whole message says: a word among others is talk, not a command."""
    word = unicodedata.normalize("NFKC", text).strip(_AROUND).upper()
    if word in _OPT_OUT:
        return ReceivedMeaning.OPT_OUT
    return ReceivedMeaning.OPT_IN if word in _OPT_IN else ReceivedMeaning.OTHER
