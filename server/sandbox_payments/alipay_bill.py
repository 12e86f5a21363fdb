"""Alipay's business bill of a day, written: a zip with a table of movements and one of totals, in GBK."""

import csv
import io
import zipfile
from datetime import date, timedelta

from server.sandbox_payments.alipay_fields import BUYER_NAME, text_of, yuan
from server.sandbox_payments.bills import Movement
from server.sandbox_payments.merchant import ALIPAY_SELLER

_NAMES = (
    "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,订单金额（元）,"
    "商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,"
    "商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注"
)
_RULE = "-" * 41
_NOTHING = "0.00"


def bill_zip(lines: list[Movement], day: date) -> bytes:
    """The whole file."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as folder:
        for name, text in (("业务明细", _details(lines, day)), ("业务明细(汇总)", _totals(lines, day))):
            # As the real one: the names are bytes in GBK, and nothing says so.
            entry = zipfile.ZipInfo(f"{ALIPAY_SELLER}_{day:%Y%m%d}_{name}.csv".encode("gbk").decode("cp437"))
            entry.compress_type = zipfile.ZIP_DEFLATED
            folder.writestr(_Unmarked.of(entry), text.encode("gbk"))
    return packed.getvalue()


class _Unmarked(zipfile.ZipInfo):
    """An entry whose name is written in code page 437 although Python would rather mark it as UTF-8."""

    @classmethod
    def of(cls, entry: zipfile.ZipInfo) -> "_Unmarked":
        made = cls(entry.filename, entry.date_time)
        made.compress_type = entry.compress_type
        return made

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802 - zipfile's own name
        return self.filename.encode("cp437"), self.flag_bits & ~0x800


def _details(lines: list[Movement], day: date) -> str:
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\r\n")
    writer.writerows(map(_values, lines))
    received = sum(-line.amount if line.refund else line.amount for line in lines)
    return "".join(
        (
            *_head("支付宝业务明细查询", day),
            f"#{_RULE}业务明细列表{_RULE}\r\n",
            f"{_NAMES}\r\n",
            table.getvalue(),
            f"#{_RULE}业务明细列表结束{_RULE}\r\n",
            f"#交易合计：{len(lines)}笔，商家实收共{yuan(received)}元，商家优惠共0.00元\r\n",
        )
    )


def _totals(lines: list[Movement], day: date) -> str:
    paid = [line.amount for line in lines if line.refund is None]
    back = [line.amount for line in lines if line.refund is not None]
    received = yuan(sum(paid) - sum(back))
    return "".join(
        (
            *_head("支付宝业务汇总查询", day),
            "门店编号,门店名称,交易订单总笔数,退款订单总笔数,订单金额（元）,商家实收（元）\r\n",
            f"合计,,{len(paid)},{len(back)},{received},{received}\r\n",
        )
    )


def _head(title: str, day: date) -> tuple[str, str, str]:
    begin, end = (f"[{each:%Y年%m月%d日} 00:00:00]" for each in (day, day + timedelta(days=1)))
    return f"#{title}\r\n", f"#账号：[{ALIPAY_SELLER}0156]\r\n", f"#起始日期：{begin}   终止日期：{end}\r\n"


def _values(line: Movement) -> tuple[str, ...]:
    trade, refund = line.trade, line.refund
    amount = yuan(line.amount) if refund is None else f"-{yuan(line.amount)}"
    kind = "交易\t" if refund is None else "退款\t"
    # A tab after a number keeps spreadsheets from rounding it.
    return (
        *(f"{trade.provider_number}\t", f"{trade.number}\t", kind, trade.description),
        *(text_of(trade.created_at), text_of(line.at), "\t", "\t", "\t", "\t", BUYER_NAME, amount, amount),
        *(_NOTHING, _NOTHING, _NOTHING, _NOTHING, _NOTHING, "", f"{_NOTHING}\t", _NOTHING),
        *(f"{refund.number if refund else ''}\t", _NOTHING, _NOTHING, ""),
    )
