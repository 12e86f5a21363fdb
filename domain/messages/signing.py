"""Who text messages say they come from. Pure."""

from domain.language import Language, Words

_SIGNED = Words("【HTBooking】{text}", "[HTBooking] {text}")


def signed(text: str, language: Language) -> str:
    """The text as it is sent; its signature counts towards its parts."""
    return _SIGNED.say(language, text=text)
