"""Tables as Excel workbooks. No text in them is taken for a formula, and amounts stay what they are, to the fen."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any, cast
from zoneinfo import ZoneInfo

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FORMULAS = ("=", "+", "-", "@", "\t", "\r")
_WIDTH = 22

Cell = str | int | Decimal | date | datetime | None


def workbook(title: str, heads: Sequence[str], rows: Iterable[Sequence[Cell]], zone: ZoneInfo) -> bytes:
    """A workbook with one sheet. Times are written in this zone."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    for number in range(len(heads)):
        sheet.column_dimensions[chr(ord("A") + number)].width = _WIDTH
    sheet.freeze_panes = "A2"
    bold = Font(bold=True)
    named = []
    for head in heads:
        cell = WriteOnlyCell(sheet, value=head)
        cell.font = bold
        named.append(cell)
    sheet.append(named)
    for row in rows:
        sheet.append([_cell(sheet, value, zone) for value in row])
    written = BytesIO()
    book.save(written)
    return written.getvalue()


def _cell(sheet: Any, value: Any, zone: ZoneInfo) -> Any:
    if isinstance(value, datetime):
        # Excel knows no zones.
        return value.astimezone(zone).replace(tzinfo=None)
    if isinstance(value, Decimal):
        cell = WriteOnlyCell(sheet, value=cast("Any", value))
        cell.number_format = "0.00"
        return cell
    if isinstance(value, str) and value.startswith(_FORMULAS):
        return f"'{value}"
    return value
