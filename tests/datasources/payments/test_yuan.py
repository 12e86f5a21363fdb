"""Amounts stay what they are, to the fen."""

from decimal import Decimal

import pytest

from datasources.payments.yuan import fen_of, yuan_of, yuan_of_text, yuan_text


@pytest.mark.parametrize(("text", "fen"), [("9.67", 967), ("0.01", 1), ("100", 10000), ("1234567.89", 123456789)])
def test_yuan_and_fen_are_the_same_amount(text: str, fen: int) -> None:
    assert fen_of(Decimal(text)) == fen
    assert yuan_of(fen) == yuan_of_text(text) == Decimal(text)
    assert yuan_text(Decimal(text)) == f"{Decimal(text):.2f}"


@pytest.mark.parametrize("amount", ["9.671", "0", "-1", "NaN", "Infinity"])
def test_what_is_no_amount_is_refused(amount: str) -> None:
    with pytest.raises(ValueError, match="fen"):
        fen_of(Decimal(amount))


@pytest.mark.parametrize("text", ["", "nine", "9.671", "NaN"])
def test_text_that_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="amount"):
        yuan_of_text(text)
