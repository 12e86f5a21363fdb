"""What a request says of its own form and of the form of its answer."""

from enum import StrEnum
from functools import lru_cache

from domain.language import Language, language_of
from domain.refusals import Refusal, RefusalCode
from server.http import words

# Real clients send a handful of values; the caches keep strangers' from growing them.
_REMEMBERED = 256


class MediaType(StrEnum):
    """A form in which GraphQL over HTTP answers."""

    GRAPHQL = "application/graphql-response+json"
    JSON = "application/json"


@lru_cache(_REMEMBERED)
def answer_type(accept: str) -> MediaType:
    """The media type to answer in (RFC 9110 §12.5.1). JSON unless GraphQL's own is preferred; refused if neither is."""
    qualities: dict[str, float] = {}
    for entry in accept.lower().split(","):
        media_range, *parameters = (part.strip() for part in entry.split(";"))
        quality = 1.0
        for parameter in parameters:
            if parameter.startswith("q="):
                try:
                    quality = float(parameter.removeprefix("q="))
                except ValueError:
                    quality = 0.0
        if media_range:
            qualities[media_range] = max(quality, qualities.get(media_range, 0.0))
    if not qualities:
        return MediaType.JSON
    anything = qualities.get("application/*", qualities.get("*/*", 0.0))
    graphql = qualities.get(MediaType.GRAPHQL, anything)
    json = qualities.get(MediaType.JSON, anything)
    if graphql <= 0 and json <= 0:
        raise Refusal(RefusalCode.NOT_ACCEPTABLE, words.NOTHING_ACCEPTABLE)
    named = MediaType.GRAPHQL in qualities
    return MediaType.GRAPHQL if graphql > json or (named and graphql == json) else MediaType.JSON


@lru_cache(_REMEMBERED)
def is_json(content_type: str) -> bool:
    """Whether a body of this Content-Type is JSON in UTF-8.

    Nothing else is read: a page of another site can send forms and plain text without asking, but not JSON.
    """
    media_type, *parameters = (part.strip().lower() for part in content_type.split(";"))
    if media_type != MediaType.JSON:
        return False
    charsets = [each.removeprefix("charset=").strip('"') for each in parameters if each.startswith("charset=")]
    return all(charset in {"utf-8", "utf8"} for charset in charsets)


@lru_cache(_REMEMBERED)
def language(accept_language: str) -> Language:
    """The language to answer in."""
    return language_of(accept_language)
