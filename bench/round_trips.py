"""How often one home page asks each store, counted on the wire."""

from dataclasses import replace
from statistics import median

import orjson

from bench.home_page import HomePage
from bench.in_process import application, ask_in_process
from bench.relay import relay_to
from server.embedded.data_lock import Endpoints
from server.settings import Settings

WARM_UP_REQUESTS = 5
# The median of so many leaves out what happens now and then: a new connection, a look after the server.
REQUESTS = 21


async def round_trips(settings: Settings, endpoints: Endpoints, page: HomePage) -> dict[str, float]:
    """Round trips per request and store, once connections, statements and documents are known."""
    body = orjson.dumps({"query": page.query})
    async with (
        relay_to(endpoints.database_url) as postgresql,
        # The replica set would tell its client the server's own address.
        relay_to(endpoints.mongodb_url, without="replicaSet", extra="directConnection=true") as mongodb,
        relay_to(endpoints.redis_url) as redis,
    ):
        relayed = replace(endpoints, database_url=postgresql.url, mongodb_url=mongodb.url, redis_url=redis.url)
        relays = {"PostgreSQL": postgresql, "MongoDB": mongodb, "Redis": redis}
        async with application(settings, relayed) as app:
            for _ in range(WARM_UP_REQUESTS):
                await ask_in_process(app, body)
            counted: dict[str, list[int]] = {name: [] for name in relays}
            for _ in range(REQUESTS):
                before = {name: relay.round_trips for name, relay in relays.items()}
                await ask_in_process(app, body)
                for name, relay in relays.items():
                    counted[name].append(relay.round_trips - before[name])
            return {name: median(counts) for name, counts in counted.items()}
