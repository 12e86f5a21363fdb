"""Money."""

from decimal import Decimal

import strawberry

from domain.money import Currency
from schema import enums as enums


@strawberry.type(description="An amount of money.")
class Money:
    amount: Decimal = strawberry.field(description="Amount in major units with two decimals, as text: `9.67`.")
    currency: Currency = strawberry.field(description="Its currency.")
