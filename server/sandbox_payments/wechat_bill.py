"""WeChat Pay's bill of a day, written: values after back-ticks, then the totals."""

from server.sandbox_payments.alipay_fields import text_of, yuan
from server.sandbox_payments.bills import Movement
from server.sandbox_payments.merchant import WECHAT_APP, WECHAT_MERCHANT
from server.sandbox_payments.wechat_fields import PAYER

_NAMES = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,"
    "应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,"
    "手续费,费率,订单金额,申请退款金额,费率备注"
)
_TOTALS = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
_NOTHING = "0.00"


def bill_text(lines: list[Movement]) -> bytes:
    """The whole table, in UTF-8."""
    taken = sum(line.amount for line in lines if line.refund is None)
    back = sum(line.amount for line in lines if line.refund is not None)
    totals = (str(len(lines)), yuan(taken), yuan(back), _NOTHING, _NOTHING, yuan(taken), yuan(back))
    rows = [_NAMES, *(_row(_values(line)) for line in lines), _TOTALS, _row(totals)]
    return "".join(f"{row}\r\n" for row in rows).encode()


def _values(line: Movement) -> tuple[str, ...]:
    trade, refund, amount = line.trade, line.refund, yuan(line.amount)
    if refund is None:
        moved = (amount, _NOTHING, "0", "0", _NOTHING, _NOTHING, "", "")
    else:
        numbers = (refund.provider_number, refund.number)
        moved = (_NOTHING, _NOTHING, *numbers, amount, _NOTHING, "ORIGINAL", refund.state.value)
    return (
        *(text_of(line.at), WECHAT_APP, WECHAT_MERCHANT, "0", "", trade.provider_number, trade.number, PAYER),
        *("NATIVE", "SUCCESS" if refund is None else "REFUND", "OTHERS", "CNY"),
        *moved,
        *(trade.description, "", _NOTHING, "0.60%"),
        *((amount, _NOTHING) if refund is None else (_NOTHING, amount)),
        "",
    )


def _row(values: tuple[str, ...]) -> str:
    return ",".join(f"`{value}" for value in values)
