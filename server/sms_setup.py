"""The ways out of text messages, as the settings say."""

from datasources.sealing import KeyRing
from datasources.sms.aliyun import ENDPOINT, AliyunAccount, AliyunSms
from datasources.sms.provider import SmsProvider
from datasources.sms.sandbox import SandboxInbox
from datasources.sql.sms_message import SmsRoute
from datasources.stores import Stores
from domain.clock import Clock
from domain.sms.desk import SmsDesk
from domain.sms.policy import SmsPolicy
from server.settings import Mode, Settings

_DEFAULTS = {
    Mode.DEVELOPMENT: ((SmsRoute.CONSOLE,), (SmsRoute.CONSOLE,)),
    Mode.PRODUCTION: ((SmsRoute.PHONE, SmsRoute.ALIYUN), (SmsRoute.ALIYUN, SmsRoute.PHONE)),
}


def sms_desk(settings: Settings, stores: Stores, ring: KeyRing, clock: Clock) -> SmsDesk:
    """What sends text messages in this process. Close it before the stores."""
    policy = sms_policy(settings)
    providers: dict[SmsRoute, SmsProvider] = {}
    used = {*policy.routes, *policy.code_routes}
    if SmsRoute.CONSOLE in used:
        providers[SmsRoute.CONSOLE] = SandboxInbox(stores.redis)
    account = _aliyun_account(settings)
    if account is not None and SmsRoute.ALIYUN in used:
        providers[SmsRoute.ALIYUN] = AliyunSms(account, clock)
    return SmsDesk(stores, ring, policy, providers)


def sms_policy(settings: Settings) -> SmsPolicy:
    """The rules that the settings name."""
    routes, code_routes = _DEFAULTS[settings.mode]
    named = _routes(settings.sms_routes)
    return SmsPolicy(
        settings.zone,
        routes=named or routes,
        code_routes=_routes(settings.sms_code_routes) or named or code_routes,
        templates=settings.aliyun_sms_templates,
        quiet_from=settings.sms_quiet_from,
        quiet_until=settings.sms_quiet_until,
        gap_seconds=(settings.sms_least_gap_seconds, settings.sms_most_gap_seconds),
        parts_per_half_hour=settings.sms_parts_per_half_hour,
        parts_per_day=settings.sms_parts_per_day,
    )


def _routes(names: str) -> tuple[SmsRoute, ...]:
    return tuple(SmsRoute(name.strip().upper()) for name in names.split(",") if name.strip())


def _aliyun_account(settings: Settings) -> AliyunAccount | None:
    key_id, secret = settings.aliyun_sms_access_key_id, settings.aliyun_sms_access_key_secret
    if key_id is None or secret is None or settings.aliyun_sms_sign_name is None:
        return None
    endpoint = settings.aliyun_sms_base_url or ENDPOINT
    return AliyunAccount(key_id.get_secret_value(), secret, settings.aliyun_sms_sign_name, endpoint.rstrip("/"))
