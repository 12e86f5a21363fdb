"""A store that is away is told from a fault of ours."""

import pymongo.errors
import pytest
import redis.exceptions
from beanie.exceptions import CollectionWasNotInitialized

from datasources.faults import Store, unavailable_store


@pytest.mark.parametrize(
    ("error", "store"),
    [
        (pymongo.errors.ServerSelectionTimeoutError("nobody"), Store.MONGODB),
        (CollectionWasNotInitialized(), Store.MONGODB),
        (redis.exceptions.ConnectionError("nobody"), Store.REDIS),
        (ConnectionRefusedError("nobody"), Store.POSTGRESQL),
        (ValueError("ours"), None),
    ],
)
def test_what_a_store_that_is_away_causes_names_it(error: Exception, store: Store | None) -> None:
    assert unavailable_store(error) is store


def test_the_cause_may_lie_deeper() -> None:
    wrapped = RuntimeError("as a library wraps it")
    wrapped.__cause__ = CollectionWasNotInitialized()
    assert unavailable_store(wrapped) is Store.MONGODB
