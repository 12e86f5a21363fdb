"""The loaders of one request: each nested read is batched into one round trip."""

from datasources.stores import Stores


class Loaders:
    """Made per operation, so nothing is remembered between callers."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
