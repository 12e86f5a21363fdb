"""Alipay's business bill of a day: a zip with a table of all movements and one of totals, both in GBK.

https://opendocs.alipay.com/open/028woc
"""

import csv
import io
import zipfile
import zlib

from datasources.payments.beijing import moment_of_text
from datasources.payments.channel import BillRow
from datasources.payments.yuan import yuan_of_text

_MOST_BYTES = 256 * 1024 * 1024
_TOTALS = "汇总"
_END = "业务明细列表结束"
_FIRST = "支付宝交易号"
_PAYMENT, _REFUND = "交易", "退款"


def bill_rows(packed: bytes) -> tuple[BillRow, ...]:
    """Its movements. Raises ValueError when it is no such bill, KeyError when a column is missing."""
    text = _details(packed)
    if _END not in text:
        raise ValueError("the bill has no end: it is cut off, or something else")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    if not lines or not lines[0].startswith(_FIRST):
        raise ValueError("the bill names no columns")
    names, *rows = csv.reader(lines)
    found = []
    for row in rows:
        if len(row) != len(names):
            raise ValueError(f"a row of the bill has {len(row)} values under {len(names)} names")
        # A tab after a number keeps spreadsheets from rounding it.
        movement = _row({name.strip(): value.strip() for name, value in zip(names, row, strict=True)})
        if movement is not None:
            found.append(movement)
    return tuple(found)


def _details(packed: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as folder:
            for entry in folder.infolist():
                if _TOTALS not in _name(entry) and entry.filename.endswith(".csv"):
                    if entry.file_size > _MOST_BYTES:
                        raise ValueError("the bill is larger than any bill may be")
                    return folder.read(entry).decode("gbk")
    except (zipfile.BadZipFile, zlib.error, UnicodeDecodeError, NotImplementedError, RuntimeError) as error:
        raise ValueError("the bill cannot be unpacked") from error
    raise ValueError("the bill holds no table of movements")


def _name(entry: zipfile.ZipInfo) -> str:
    """The names are in GBK without saying so; what does not say is read as code page 437."""
    if entry.flag_bits & 0x800:
        return entry.filename
    return entry.filename.encode("cp437").decode("gbk", errors="replace")


def _row(values: dict[str, str]) -> BillRow | None:
    kind = values["业务类型"]
    if kind not in {_PAYMENT, _REFUND}:
        return None
    return BillRow(
        values["商户订单号"],
        values[_FIRST],
        abs(yuan_of_text(values["订单金额（元）"])),
        moment_of_text(values["完成时间"]),
        refund_number=values["退款批次号/请求号"] if kind == _REFUND else None,
    )
