"""Tables as Excel workbooks. No text in them is taken for a formula, and amounts stay what they are, to the fen."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import IO, Any, cast
from zoneinfo import ZoneInfo

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FORMULAS = ("=", "+", "-", "@", "\t", "\r")
_WIDTH = 22

Cell = str | int | Decimal | date | datetime | None


class Sheet:
    """A workbook with one sheet, written row by row: what is written lies on disk, however much it is.

    Times are written in this zone. Its calls take a while with many rows, so threads are the place for them.
    """

    def __init__(self, title: str, heads: Sequence[str], zone: ZoneInfo) -> None:
        self._zone = zone
        self._book = Workbook(write_only=True)
        self._sheet = self._book.create_sheet(title)
        for number in range(1, len(heads) + 1):
            self._sheet.column_dimensions[get_column_letter(number)].width = _WIDTH
        self._sheet.freeze_panes = "A2"
        bold = Font(bold=True)
        named = []
        for head in heads:
            cell = WriteOnlyCell(self._sheet, value=head)
            cell.font = bold
            named.append(cell)
        self._sheet.append(named)

    def add(self, rows: Iterable[Sequence[Cell]]) -> None:
        """Write these rows behind the others."""
        for row in rows:
            self._sheet.append([_cell(self._sheet, value, self._zone) for value in row])

    def save(self, file: IO[bytes]) -> None:
        """Write the whole workbook; nothing can be added any more."""
        self._book.save(file)


def workbook(title: str, heads: Sequence[str], rows: Iterable[Sequence[Cell]], zone: ZoneInfo) -> bytes:
    """A workbook of rows at hand."""
    sheet = Sheet(title, heads, zone)
    sheet.add(rows)
    written = BytesIO()
    sheet.save(written)
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
