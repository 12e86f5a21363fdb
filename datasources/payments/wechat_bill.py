"""WeChat Pay's bill of a day: a table with a back-tick before each value, and a summary at its end.

https://pay.weixin.qq.com/doc/v3/merchant/4013071268
"""

from datasources.payments.beijing import moment_of_text
from datasources.payments.channel import BillRow
from datasources.payments.yuan import yuan_of_text

_SUMMARY = "总交易单数"
_PAID, _FAILED = "SUCCESS", "FAIL"


def bill_rows(text: str) -> tuple[BillRow, ...]:
    """Its movements. Raises ValueError when it is not such a table, KeyError when a column is missing."""
    lines = text.lstrip("\ufeff").splitlines()
    if not lines or _SUMMARY not in text:
        raise ValueError("the bill has no summary: it is cut off, or something else")
    names = [name.strip() for name in lines[0].split(",")]
    rows = []
    for line in lines[1:]:
        if line.startswith(_SUMMARY):
            break
        # A value may hold commas, so what separates is a comma with the next value's back-tick.
        values = line.removeprefix("`").split(",`")
        if len(values) != len(names):
            raise ValueError(f"a row of the bill has {len(values)} values under {len(names)} names")
        row = _row(dict(zip(names, values, strict=True)))
        if row is not None:
            rows.append(row)
    return tuple(rows)


def _row(values: dict[str, str]) -> BillRow | None:
    trade, provider = values["商户订单号"], values["微信订单号"]
    at = moment_of_text(values["交易时间"])
    if values["交易状态"] == _PAID:
        return BillRow(trade, provider, yuan_of_text(values["订单金额"]), at)
    if values["退款状态"] == _FAILED:
        return None
    return BillRow(
        trade,
        provider,
        abs(yuan_of_text(values["申请退款金额"])),
        at,
        refund_number=values["商户退款单号"],
        provider_refund_number=values["微信退款单号"],
    )
