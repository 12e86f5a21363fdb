"""A hospital's booking rule: what is accepted from hospitals' systems, and what of it decides the window."""

import ast
import re
from collections.abc import Mapping
from datetime import time
from functools import lru_cache
from typing import Annotated, Any

import orjson
from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from datasources.mongo.documents import BookingRule
from domain.booking.window import WindowRule
from domain.catalogue.loose_values import LINE, LooseInteger

MAX_CYCLE_DAYS = 90
_TIME_OF_DAY = re.compile(r"^(\d{1,2})[:：](\d{2})(?::00)?$")


def _time_of_day(value: object) -> object:
    """`8:45` and `08:45` alike, as `HH:MM`; times within a minute are refused."""
    match = _TIME_OF_DAY.match(value.strip()) if isinstance(value, str) else None
    if match is None or int(match[1]) > 23 or int(match[2]) > 59:
        raise PydanticCustomError("time_of_day", "not a time of day")
    return f"{int(match[1]):02d}:{match[2]}"


TimeOfDay = Annotated[str, BeforeValidator(_time_of_day)]


class PushedBookingRule(BaseModel):
    """A booking rule as a hospital sends it; what it leaves out takes the platform's default."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    cycle: Annotated[LooseInteger, Field(ge=1, le=MAX_CYCLE_DAYS)] = 7
    release_time: TimeOfDay = Field("08:30", validation_alias=AliasChoices("release_time", "releaseTime"))
    stop_time: TimeOfDay = Field("11:30", validation_alias=AliasChoices("stop_time", "stopTime"))
    quit_day: Annotated[LooseInteger, Field(ge=-30, le=0)] = Field(
        -1, validation_alias=AliasChoices("quit_day", "quitDay")
    )
    quit_time: TimeOfDay = Field("15:30", validation_alias=AliasChoices("quit_time", "quitTime"))
    rules: Annotated[list[Annotated[str, Field(max_length=500), LINE]], Field(max_length=50)] = Field(
        default_factory=list, validation_alias=AliasChoices("rules", "rule")
    )


def booking_rule_value(value: object) -> object:
    """A rule sent as an object, or as text that holds one in JSON or with single quotes; absent keys stay absent."""
    if isinstance(value, str):
        value = _parse_text(value)
    if not isinstance(value, Mapping):
        raise PydanticCustomError("booking_rule_text", "not a booking rule")
    return {key: part for key, part in value.items() if part is not None}


def _parse_text(text: str) -> Any:
    if len(text) > 20_000:
        raise PydanticCustomError("booking_rule_text", "too long")
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return _parse_single_quoted(text.strip())


def _parse_single_quoted(text: str) -> Any:
    try:
        # Single quotes are no JSON; literal_eval reads them and can run nothing.
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError) as error:
        raise PydanticCustomError("booking_rule_text", "not a booking rule") from error


def stored_rule(pushed: PushedBookingRule) -> BookingRule:
    """The rule in the form the catalogue keeps."""
    return BookingRule(**pushed.model_dump())


def window_rule(rule: BookingRule) -> WindowRule:
    """What of a hospital's rule decides its window."""
    return _window_rule(rule.cycle, rule.release_time, rule.stop_time)


@lru_cache(maxsize=4096)
def _window_rule(cycle: int, release_time: str, stop_time: str) -> WindowRule:
    return WindowRule(cycle, time.fromisoformat(release_time), time.fromisoformat(stop_time))
