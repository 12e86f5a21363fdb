"""What every resolver is given about its request."""

from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from datasources.loaders import Loaders
from datasources.sealing import KeyRing
from datasources.stores import Stores
from domain.callers import VISITOR, Caller
from domain.clock import Clock, system_clock
from domain.language import Language
from resolvers.exchange import Exchange


@dataclass(slots=True)
class RequestContext:
    """One per operation: its loaders cache for as long as the operation runs."""

    stores: Stores
    zone: ZoneInfo
    ring: KeyRing
    exchange: Exchange = field(default_factory=Exchange)
    caller: Caller = VISITOR
    language: Language = Language.CHINESE
    clock: Clock = system_clock
    request_id: str = ""
    loaders: Loaders = field(init=False)

    def __post_init__(self) -> None:
        self.loaders = Loaders(self.stores)
