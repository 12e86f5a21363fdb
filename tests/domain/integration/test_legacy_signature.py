"""The older protocol's signature, by the vector that its hospitals know."""

from domain.integration.legacy_signature import legacy_signature

KEY = "1234567890"


def test_the_known_vector() -> None:
    values = {"b": "张三", "c": "13012345678", "a": "1"}
    assert legacy_signature(values, KEY) == "f239e6d7316553c7586a349d90d4b804"
    assert legacy_signature({**values, "sign": "anything"}, KEY) == "f239e6d7316553c7586a349d90d4b804"


def test_an_empty_value_counts_and_the_order_is_that_of_the_names() -> None:
    assert legacy_signature({"a": "", "b": "1"}, KEY) != legacy_signature({"b": "1"}, KEY)
    assert legacy_signature({"B": "2", "a": "1"}, KEY) == legacy_signature({"x": "2", "y": "1"}, KEY)
