"""A stored message as whoever sends it is to see it: number and text in the clear, for as long as that takes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import SecretStr

from datasources.sealing import KeyRing
from datasources.sql.sms_message import SmsMessage
from domain.masking import mask_phone
from domain.sms.queueing import PHONE_FIELD, TEXT_FIELD, VARIABLES_FIELD


@dataclass(frozen=True, slots=True)
class OpenedSms:
    """What is sent, and to whom."""

    phone: SecretStr
    text: SecretStr
    variables: Mapping[str, SecretStr]


def opened(ring: KeyRing, message: SmsMessage) -> OpenedSms:
    """The message unsealed. Raises SealError; ValueError when its text is gone."""
    if message.sealed_text is None:
        raise ValueError(f"the text of message {message.id} is gone")
    key = str(message.id)
    variables: dict[str, str] = {}
    if message.sealed_variables is not None:
        variables = json.loads(ring.open(VARIABLES_FIELD, key, message.sealed_variables).get_secret_value())
    return OpenedSms(
        SecretStr(ring.open(PHONE_FIELD, key, message.sealed_phone).get_secret_value().decode()),
        SecretStr(ring.open(TEXT_FIELD, key, message.sealed_text).get_secret_value().decode()),
        {name: SecretStr(value) for name, value in variables.items()},
    )


def masked_phone_of(ring: KeyRing, message: SmsMessage) -> str:
    """The number as administrators see it."""
    number = ring.open(PHONE_FIELD, str(message.id), message.sealed_phone).get_secret_value().decode()
    return mask_phone(number)
