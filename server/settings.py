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

    graphiql: bool = Field(True, description="Serve GraphiQL at `/graphiql`.")
    introspection: bool = Field(True, description="Answer introspection queries.")
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

    @property
    def site_url(self) -> str:
        """Where browsers reach this server, without a slash at the end."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @cached_property
    def zone(self) -> ZoneInfo:
        """The platform's time zone."""
        return ZoneInfo(self.time_zone)
