"""Every setting of the platform, read from the environment (prefix-less names, see docs/settings.md).

Only `server/` reads settings; what lies below receives plain values. In production mode no secret has a default.
"""

from datetime import time
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from domain.identity.proof_of_work import DEFAULT_DIFFICULTY, HARDEST


class Mode(StrEnum):
    """What kind of installation this is."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


WECHAT_PAY_SETTINGS = (
    (
        "wechat_pay_merchant_id",
        "wechat_pay_app_id",
        "wechat_pay_key_file",
        "wechat_pay_key_serial",
        "wechat_pay_api_key_file",
        "wechat_pay_public_key_file",
        "wechat_pay_public_key_id",
    ),
    "wechat_pay_base_url",
)
"""What WeChat Pay needs, all or none, and what goes with it."""
ALIPAY_SETTINGS = (
    ("alipay_app_id", "alipay_seller_id", "alipay_key_file", "alipay_public_key_file"),
    "alipay_base_url",
)
"""The same of Alipay."""


class Settings(BaseSettings):
    """One flat namespace; each description below is a line of docs/settings.md."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore")

    mode: Mode = Field(
        Mode.DEVELOPMENT,
        description="`development` or `production`. Production refuses to start without its secrets.",
    )
    host: str = Field("127.0.0.1", description="Address the API listens on.")
    port: int = Field(8000, description="Port the API listens on; 0 takes a free one.", ge=0, le=65535)
    trusted_proxies: str = Field(
        "127.0.0.1",
        description="Addresses or networks, comma-separated, whose `X-Forwarded-For` and `-Proto` are believed.",
    )
    data_directory: Path = Field(Path(".data"), description="Where the embedded servers keep their data.")

    database_url: SecretStr | None = Field(
        None, description="PostgreSQL, `postgresql://user:password@host/name`. Unset: an embedded server."
    )
    mongodb_url: SecretStr | None = Field(
        None, description="MongoDB replica set, `mongodb://…/name`. Unset: an embedded server."
    )
    redis_url: SecretStr | None = Field(
        None, description="Redis or Valkey, `redis://host:port/0`. Unset: an embedded server."
    )
    sql_pool_size: int = Field(16, description="Connections to PostgreSQL each process may hold.", ge=1, le=200)

    root_key: SecretStr | None = Field(
        None,
        description="32 random bytes in base64 from which every sealing key is derived. "
        "Unset in development: made once and kept in `root.key` of the data directory.",
    )
    root_key_id: int = Field(
        1, description="Number of `ROOT_KEY`; each new root key gets a higher one (docs/encryption.md).", ge=0, le=65535
    )
    retired_root_keys: SecretStr | None = Field(
        None,
        description="Other root keys that still open what they sealed, `number:base64,number:base64`. "
        "The one with the lowest number must stay for good.",
    )

    public_url: str | None = Field(
        None,
        description="Where browsers reach this server, `https://example.org`. Unset: `http://HOST:PORT`.",
    )
    wechat_app_id: str | None = Field(
        None,
        description="AppID of the website app at WeChat's open platform. Unset: in development a simulator at "
        "`/sandbox/wechat`, in production no WeChat sign-in (docs/wechat-sign-in.md).",
    )
    wechat_app_secret: SecretStr | None = Field(None, description="AppSecret of the website app.")
    wechat_base_url: str | None = Field(
        None, description="Speak to this address instead of WeChat's own; needs the two above."
    )

    code_work_difficulty: int = Field(
        DEFAULT_DIFFICULTY,
        description="Zero bits of the work that visitors do from the third code of a day on "
        "(docs/proof-of-work.md); each more doubles it. 0: no work.",
        ge=0,
        le=HARDEST,
    )

    wechat_pay_merchant_id: str | None = Field(
        None, description="Merchant number at WeChat Pay. Unset: no payment by WeChat Pay, or the sandbox's."
    )
    wechat_pay_app_id: str | None = Field(None, description="AppID that the merchant number is bound to.")
    wechat_pay_key_file: Path | None = Field(
        None, description="File of the merchant's private key, `apiclient_key.pem` (docs/payments-sandbox.md)."
    )
    wechat_pay_key_serial: str | None = Field(None, description="Serial number of the merchant's API certificate.")
    wechat_pay_api_key_file: Path | None = Field(
        None, description="File of the APIv3 key, 32 characters, which opens WeChat Pay's notifies."
    )
    wechat_pay_public_key_file: Path | None = Field(
        None, description="File of WeChat Pay's public key, or of its platform certificate."
    )
    wechat_pay_public_key_id: str | None = Field(
        None, description="Id of that public key, `PUB_KEY_ID_…`; of a platform certificate its serial number."
    )
    wechat_pay_base_url: str | None = Field(
        None, description="Speak to this address instead of WeChat Pay's own; needs the settings above."
    )
    alipay_app_id: str | None = Field(
        None, description="APPID at Alipay's open platform. Unset: no payment by Alipay, or the sandbox's."
    )
    alipay_seller_id: str | None = Field(None, description="The merchant's own number at Alipay, `2088…`.")
    alipay_key_file: Path | None = Field(None, description="File of the app's private key (RSA2).")
    alipay_public_key_file: Path | None = Field(None, description="File of Alipay's public key (not of the app's own).")
    alipay_base_url: str | None = Field(
        None,
        description="Speak to this address instead of Alipay's own gateway, `https://…/gateway.do`; "
        "needs the settings above.",
    )
    payment_notify_base_url: str | None = Field(
        None,
        description="Where payment providers reach this server, `https://example.org`. Unset: as browsers do.",
    )
    payment_sandbox: bool | None = Field(
        None,
        description="Simulate both payment providers at `/sandbox/pay` (docs/payments-sandbox.md). "
        "Unset: in development, as long as no provider's settings are given.",
    )
    payment_sandbox_time_scale: float = Field(
        10.0,
        description="How many times faster than real providers the sandbox repeats notifies and finishes refunds.",
        gt=0,
        le=10_000,
    )

    oss_endpoint: str | None = Field(
        None,
        description="Aliyun OSS, `https://oss-cn-beijing.aliyuncs.com`. Unset: files are kept in the data directory.",
    )
    oss_region: str | None = Field(None, description="Region of the OSS buckets, `cn-beijing`; signatures name it.")
    oss_public_bucket: str | None = Field(None, description="OSS bucket of what everybody may see: avatars.")
    oss_private_bucket: str | None = Field(
        None, description="OSS bucket of all other files; block public access to it."
    )
    oss_access_key_id: SecretStr | None = Field(None, description="Id of the access key to the OSS buckets.")
    oss_access_key_secret: SecretStr | None = Field(None, description="Secret of the access key to the OSS buckets.")

    verification_pictures_kept_days: int = Field(
        30,
        description="Days after its decision for which the pictures of a real-name verification are kept.",
        ge=0,
        le=3650,
    )

    unused_pictures_kept_hours: int = Field(
        24,
        description="Hours for which an identity picture is kept that was uploaded and not handed in.",
        ge=1,
        le=720,
    )

    rejected_applications_kept_days: int = Field(
        180,
        description="Days for which a hospital's rejected application may be corrected; then its contact person and "
        "licences are deleted.",
        ge=1,
        le=3650,
    )
    outbox_kept_days: int = Field(
        90, description="Days for which the outbox remembers what became of each message to people.", ge=7, le=3650
    )
    notifications_kept_days: int = Field(
        365, description="Days for which people find in the app what they were told.", ge=7, le=3650
    )
    received_sms_kept_days: int = Field(
        180, description="Days for which text messages that people wrote are kept; opting out holds on.", ge=1, le=3650
    )

    webhook_private_addresses: bool | None = Field(
        None,
        description="Whether hospitals' webhooks may be called at addresses that are not public. "
        "Unset: in development yes, in production no. Production calls `https://` only.",
    )

    time_zone: str = Field("Asia/Shanghai", description="The platform's zone: release and deadline times are in it.")

    booking_payment_minutes: int = Field(
        15, description="How long an order waits for its payment before its number is sold again.", ge=1, le=1440
    )
    booking_most_per_week: int = Field(8, description="Most visits of one person in a week (from Monday).", ge=1)
    booking_most_per_month: int = Field(12, description="Most visits of one person in a month.", ge=1)
    booking_most_per_quarter: int = Field(24, description="Most visits of one person in a quarter.", ge=1)
    booking_slow_lane_after: int = Field(
        3, description="After so many numbers given back on one day, the next order needs a fresh code.", ge=1
    )
    booking_real_name_needed: bool = Field(
        True, description="Only accounts that a reviewer has verified by real name may book."
    )
    waitlist_offer_minutes: int = Field(30, description="How long a place is held for a waitlist's next.", ge=1)
    waitlist_most: int = Field(3, description="Most open waitlist entries of one person.", ge=1)
    morning_ends: time = Field(time(12), description="When the morning's sessions close: no check-in later.")
    afternoon_ends: time = Field(time(18), description="When the afternoon's sessions close.")

    sms_routes: str = Field(
        "",
        description="Ways out of text messages, comma-separated, the preferred first: `phone`, `aliyun`, `console` "
        "(the sandbox's inbox). Unset: `console` in development, `phone,aliyun` in production (docs/sms.md).",
    )
    sms_code_routes: str = Field(
        "", description="The same for one-time codes. Unset: `SMS_ROUTES`, or `aliyun,phone` in production."
    )
    sms_quiet_from: time = Field(time(21), description="From then on only codes are sent.")
    sms_quiet_until: time = Field(time(8), description="When the rest is sent again.")
    sms_least_gap_seconds: float = Field(
        3.0, description="Shortest pause between two messages of one telephone; codes do not wait.", ge=0
    )
    sms_most_gap_seconds: float = Field(8.0, description="Longest such pause.", ge=0)
    sms_parts_per_half_hour: int = Field(
        25, description="Message parts that a new telephone may send in half an hour; can be changed for each.", ge=1
    )
    sms_parts_per_day: int = Field(200, description="Message parts that a new telephone may send in a day.", ge=1)
    aliyun_sms_access_key_id: SecretStr | None = Field(None, description="Id of the access key to Aliyun's SMS.")
    aliyun_sms_access_key_secret: SecretStr | None = Field(None, description="Secret of that access key.")
    aliyun_sms_sign_name: str | None = Field(None, description="The signature (签名) that Aliyun has approved.")
    aliyun_sms_templates: dict[str, str] = Field(
        {},
        description="Aliyun's template code of each template, as JSON: "
        '`{"code.sign_in.zh-CN": "SMS_1234567"}`. What has none goes by other ways (docs/sms.md).',
    )
    aliyun_sms_report_token: SecretStr | None = Field(
        None,
        description="Secret part, at least 24 characters, of the address for Aliyun's delivery reports: "
        "`/sms/aliyun/<token>/reports`. Unset: there is none, and Aliyun's messages stay SENT.",
        min_length=24,
    )
    aliyun_sms_base_url: str | None = Field(None, description="Speak to this address instead of Aliyun's own.")

    simulated_hospital: bool | None = Field(
        None,
        description="Whether `make up` runs a simulated hospital beside the platform, which confirms its orders by "
        "itself (clients/hospital/simulated). Unset: in development.",
    )
    legacy_adapter: bool = Field(
        False,
        description="Take older hospital systems' form posts at `/api/hosp/…`, signed by MD5. Read "
        "docs/legacy-adapter.md first: it is weaker than anything else here.",
    )

    graphiql: bool = Field(True, description="Serve GraphiQL at `/graphiql`.")
    introspection: bool = Field(True, description="Answer introspection queries.")
    trusted_documents_only: bool = Field(
        False,
        description="Visitors and patients may run only the operations that the platform's own pages ship "
        "(docs/decisions/009-trusted-documents.md). Staff and integration keys may always send their own.",
    )
    max_body_bytes: int = Field(4 * 1024 * 1024, description="Largest request body, bytes.", ge=1024)
    max_query_tokens: int = Field(4000, description="Most lexical tokens in one document.", ge=100)
    max_query_depth: int = Field(16, description="Deepest nesting of selections.", ge=4)
    max_query_aliases: int = Field(60, description="Most aliases in one document.", ge=1)
    max_query_cost: int = Field(
        20_000, description="Most fields one operation may ask for, list sizes multiplied.", ge=100
    )
    operation_timeout_seconds: float = Field(15.0, description="Longest time one operation may run.", gt=0)

    allowed_origins: str = Field(
        "",
        description="Origins, comma-separated, whose pages may open a WebSocket, `https://a.example`; "
        "those of the same host always may.",
    )
    max_sockets: int = Field(10_000, description="Most WebSockets open in one process.", ge=1)
    max_socket_operations: int = Field(20, description="Most operations running on one WebSocket.", ge=1)
    max_socket_message_bytes: int = Field(1024 * 1024, description="Largest WebSocket message, bytes.", ge=1024)

    log_format: str = Field("json", description="`json` or `console`.")
    log_level: str = Field("INFO", description="Least level that is logged.")

    @field_validator("sms_routes", "sms_code_routes")
    @classmethod
    def _routes_are_known(cls, names: str) -> str:
        unknown = {each.strip().lower() for each in names.split(",") if each.strip()} - {"phone", "aliyun", "console"}
        if unknown:
            raise ValueError(f"phone, aliyun and console are ways out of text messages, not {', '.join(unknown)}")
        return names

    @field_validator("time_zone")
    @classmethod
    def _zone_exists(cls, name: str) -> str:
        ZoneInfo(name)
        return name

    @model_validator(mode="after")
    def _production_has_its_secrets(self) -> "Settings":
        if self.mode is Mode.PRODUCTION:
            missing = [
                name.upper()
                for name in ("root_key", "database_url", "mongodb_url", "redis_url")
                if getattr(self, name) is None
            ]
            if missing:
                raise ValueError(f"production mode needs these settings: {', '.join(missing)}")
        return self

    @model_validator(mode="after")
    def _wechat_is_whole(self) -> "Settings":
        if (self.wechat_app_id is None) != (self.wechat_app_secret is None):
            raise ValueError("WECHAT_APP_ID and WECHAT_APP_SECRET go together")
        if self.wechat_base_url is not None and self.wechat_app_id is None:
            raise ValueError("WECHAT_BASE_URL needs WECHAT_APP_ID and WECHAT_APP_SECRET")
        if self.mode is Mode.PRODUCTION and self.wechat_app_id is not None and self.public_url is None:
            raise ValueError("WeChat sends people back to PUBLIC_URL, so production needs it")
        return self

    @model_validator(mode="after")
    def _payments_are_whole(self) -> "Settings":
        for names, optional in (WECHAT_PAY_SETTINGS, ALIPAY_SETTINGS):
            given = [name for name in names if getattr(self, name) is not None]
            missing = [name.upper() for name in names if name not in given]
            if missing and (given or getattr(self, optional) is not None):
                named = ", ".join(name.upper() for name in given) or optional.upper()
                raise ValueError(f"{named} needs these settings as well: {', '.join(missing)}")
        if self.payment_sandbox:
            if self.mode is Mode.PRODUCTION:
                raise ValueError("PAYMENT_SANDBOX takes invented money for real; it runs with MODE=development only")
            if self.real_payments:
                named = ", ".join(name.upper() for name in self.real_payments)
                raise ValueError(f"PAYMENT_SANDBOX does not run beside a real provider: unset {named}")
        if self.mode is Mode.PRODUCTION and self.real_payments:
            if self.public_url is None:
                raise ValueError("payment providers lead back and report to PUBLIC_URL, so production needs it")
            for name in ("wechat_pay_base_url", "alipay_base_url"):
                if not (getattr(self, name) or "https:").startswith("https:"):
                    raise ValueError(f"production speaks to payment providers by https only: {name.upper()}")
        return self

    @property
    def real_payments(self) -> list[str]:
        """The settings given that belong to a payment provider."""
        names = (*WECHAT_PAY_SETTINGS[0], WECHAT_PAY_SETTINGS[1], *ALIPAY_SETTINGS[0], ALIPAY_SETTINGS[1])
        return [name for name in names if getattr(self, name) is not None]

    @property
    def simulates_payments(self) -> bool:
        """Whether the payment sandbox runs."""
        if self.payment_sandbox is None:
            return self.mode is Mode.DEVELOPMENT and not self.real_payments
        return self.payment_sandbox

    @property
    def notify_url(self) -> str:
        """Where payment providers reach this server, without a slash at the end."""
        return (self.payment_notify_base_url or self.site_url).rstrip("/")

    @property
    def site_url(self) -> str:
        """Where browsers reach this server, without a slash at the end."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @cached_property
    def zone(self) -> ZoneInfo:
        """The platform's time zone."""
        return ZoneInfo(self.time_zone)
