"""Money: a decimal amount and its currency, never a float."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class Currency(StrEnum):
    """Currencies of the platform (ISO 4217)."""

    CNY = "CNY"


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in major units with two decimal places: 9.67 is nine yuan and 67 fen."""

    amount: Decimal
    currency: Currency = Currency.CNY
