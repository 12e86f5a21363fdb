"""Amounts on the wire: whole fen, or yuan as text with two places. No float comes near them."""

from decimal import Decimal, InvalidOperation

_FEN = Decimal("0.01")


def fen_of(amount: Decimal) -> int:
    """How many fen these yuan are. Raises ValueError when they are not whole fen, or not more than none."""
    fen = amount * 100
    if not amount.is_finite() or fen != int(fen) or fen <= 0:
        raise ValueError(f"not a positive number of whole fen: {amount}")
    return int(fen)


def yuan_of(fen: int) -> Decimal:
    """Yuan with two places: 967 is 9.67."""
    return (Decimal(fen) / 100).quantize(_FEN)


def yuan_text(amount: Decimal) -> str:
    """The amount as providers that count in yuan write it, `9.67`."""
    return str(yuan_of(fen_of(amount)))


def yuan_of_text(text: str) -> Decimal:
    """Yuan with two places from text. Raises ValueError when it is no number, or not whole fen."""
    try:
        amount = Decimal(text.strip())
    except InvalidOperation as error:
        raise ValueError(f"not an amount: {text[:40]!r}") from error
    if not amount.is_finite() or amount * 100 != int(amount * 100):
        raise ValueError(f"not an amount in whole fen: {text[:40]!r}")
    return amount.quantize(_FEN)
