"""What every resolver is given about its request."""

from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from datasources.hospitals.webhook_sender import WebhookSender
from datasources.loaders import Loaders
from datasources.sealing import KeyRing
from datasources.sms.sender import Sender
from datasources.storage.file_storage import FileStorage
from datasources.stores import Stores
from datasources.wechat.client import WeChatClient
from domain.booking.desk import BookingDesk
from domain.booking.window import WindowDay, WindowRule, window_days
from domain.callers import VISITOR, Caller
from domain.clock import Clock, system_clock
from domain.identity.proof_of_work import DEFAULT_DIFFICULTY
from domain.language import Language
from domain.payments.desk import PaymentDesk
from domain.sms.desk import SmsDesk
from resolvers.exchange import Exchange


@dataclass(slots=True)
class RequestContext:
    """One per operation: its loaders cache for as long as the operation runs."""

    stores: Stores
    zone: ZoneInfo
    ring: KeyRing
    files: FileStorage
    booking: BookingDesk
    payments: PaymentDesk
    exchange: Exchange = field(default_factory=Exchange)
    caller: Caller = VISITOR
    language: Language = Language.CHINESE
    clock: Clock = system_clock
    request_id: str = ""
    webhooks: WebhookSender = field(default_factory=WebhookSender)
    sms: Sender | None = None
    """None: this installation cannot send text messages."""
    texts: SmsDesk | None = None
    """What text messages are sent with; None: nothing sends any."""
    work_difficulty: int = DEFAULT_DIFFICULTY
    """How hard the work is that visitors do before further codes; 0: none."""
    wechat: WeChatClient | None = None
    """None: this installation has no WeChat sign-in."""
    loaders: Loaders = field(init=False)
    _windows: dict[WindowRule, list[WindowDay]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.loaders = Loaders(self.stores)

    def window(self, rule: WindowRule) -> list[WindowDay]:
        """The dates that hospitals with this rule show; the same throughout the operation."""
        days = self._windows.get(rule)
        if days is None:
            days = self._windows[rule] = list(window_days(rule, self.clock(), self.zone))
        return days
