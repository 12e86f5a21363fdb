"""How often somebody who is not signed in may name a secret: those that are right are not counted."""

from datasources.cache.tries import Tries
from datasources.stores import Stores
from domain.identity.networks import network_of
from domain.language import Words
from domain.refusals import Refusal, RefusalCode

MOST = 30
"""Of one network in SECONDS; a hospital's people may share one."""
SECONDS = 600

_TOO_MANY = Words("尝试次数过多，请在 {minutes} 分钟后再试。", "Too many tries; try again in {minutes} minutes.")


async def count_guess(stores: Stores, what: str, address: str) -> None:
    """Count a guess at this kind of secret. Refused (RATE_LIMITED) when there were too many."""
    wait = await Tries(stores.redis, what).take(network_of(address), most=MOST, seconds=SECONDS)
    if wait is not None:
        raise Refusal(RefusalCode.RATE_LIMITED, _TOO_MANY, minutes=-(-wait // 60))


async def uncount_guess(stores: Stores, what: str, address: str) -> None:
    """It was right."""
    await Tries(stores.redis, what).give_back(network_of(address))
