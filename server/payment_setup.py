"""Through whom the platform takes money: the providers that the settings name, the sandbox's, or nobody."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from cryptography.hazmat.primitives.asymmetric import rsa
from starlette.routing import BaseRoute, Mount

from datasources.cache.nonces import Nonces
from datasources.payments import alipay, wechat_pay
from datasources.payments.alipay import Alipay, AlipayAccount
from datasources.payments.channel import PaymentChannel, PaymentChannels, Provider
from datasources.payments.rsa_signatures import private_key_of, public_key_of
from datasources.payments.wechat_pay import WeChatPay, WeChatPayAccount
from datasources.payments.wechat_signature import Signer
from datasources.stores import Stores
from domain.clock import Clock
from server.sandbox_payments.keys import FILE, sandbox_keys
from server.sandbox_payments.merchant import SANDBOX_NUMBERS
from server.sandbox_payments.simulator import PATH, PaymentSimulator
from server.settings import Mode, Settings
from server.start_error import StartError

API_KEY_BYTES = 32

Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class PaymentSetup:
    """The channels, and in the sandbox what simulates the providers."""

    channels: PaymentChannels
    sandbox: PaymentSimulator | None = None

    @property
    def routes(self) -> list[BaseRoute]:
        """The sandbox's pages and wire; nothing where there is none."""
        return [] if self.sandbox is None else [Mount(PATH, self.sandbox.application)]

    def start(self) -> "list[asyncio.Task[None]]":
        """Let the sandbox send its notifies until cancelled; only the process that serves its pages need do so."""
        if self.sandbox is None:
            return []
        return [asyncio.create_task(self.sandbox.postman.run(), name="notifies of the payment sandbox")]


def payment_setup(settings: Settings, stores: Stores, clock: Clock) -> PaymentSetup:
    """What the settings name. Raises StartError when a key cannot be read, or is the sandbox's in production."""
    nonces = Nonces(stores.redis)
    if settings.simulates_payments:
        simulator = payment_simulator(settings, clock)
        return PaymentSetup(simulator.channels(nonces, settings.site_url), simulator)
    if settings.mode is Mode.PRODUCTION:
        _refuse_sandbox(settings)
    found: list[PaymentChannel | None] = [_wechat_pay(settings, nonces, clock), _alipay(settings, nonces, clock)]
    return PaymentSetup({channel.provider: channel for channel in found if channel is not None})


def payment_channels(settings: Settings, stores: Stores, clock: Clock) -> dict[Provider, PaymentChannel]:
    """The channels alone, for a process that serves no pages."""
    return dict(payment_setup(settings, stores, clock).channels)


def payment_simulator(settings: Settings, clock: Clock) -> PaymentSimulator:
    """The simulator. Raises StartError anywhere but in development, and beside a real provider."""
    if settings.mode is not Mode.DEVELOPMENT:
        raise StartError("the payment sandbox takes invented money for real; it runs with MODE=development only")
    if settings.real_payments:
        named = ", ".join(name.upper() for name in settings.real_payments)
        raise StartError(f"the payment sandbox does not run beside a real provider: unset {named}")
    return PaymentSimulator(sandbox_folder(settings), clock, scale=settings.payment_sandbox_time_scale)


def sandbox_folder(settings: Settings) -> Path:
    """Where the sandbox keeps its keys and books."""
    return settings.data_directory / "payment-sandbox"


def _wechat_pay(settings: Settings, nonces: Nonces, clock: Clock) -> WeChatPay | None:
    app, number, serial = settings.wechat_pay_app_id, settings.wechat_pay_merchant_id, settings.wechat_pay_key_serial
    public_key_id = settings.wechat_pay_public_key_id
    if app is None or number is None or serial is None or public_key_id is None:
        return None
    account = WeChatPayAccount(
        app_id=app,
        signer=Signer(number, _read(settings, "wechat_pay_key_file", private_key_of), serial),
        api_key=_read(settings, "wechat_pay_api_key_file", _api_key),
        public_key=_read(settings, "wechat_pay_public_key_file", public_key_of),
        public_key_id=public_key_id,
    )
    return WeChatPay(account, nonces, clock, api_url=settings.wechat_pay_base_url or wechat_pay.API_URL)


def _alipay(settings: Settings, nonces: Nonces, clock: Clock) -> Alipay | None:
    app, seller = settings.alipay_app_id, settings.alipay_seller_id
    if app is None or seller is None:
        return None
    key = _read(settings, "alipay_key_file", private_key_of)
    public_key = _read(settings, "alipay_public_key_file", public_key_of)
    if key.public_key() == public_key:
        raise StartError("ALIPAY_PUBLIC_KEY_FILE holds the app's own public key; Alipay shows its own beside it")
    account = AlipayAccount(app, seller, key, public_key)
    return Alipay(account, nonces, clock, api_url=settings.alipay_base_url or alipay.API_URL)


def _refuse_sandbox(settings: Settings) -> None:
    """Whoever can read the sandbox's keys can say that a payment was made."""
    for name in settings.real_payments:
        if getattr(settings, name) in SANDBOX_NUMBERS:
            raise StartError(f"{name.upper()} is the payment sandbox's; production needs the merchant's own")
    folder = sandbox_folder(settings)
    if not (folder / FILE).exists():
        return
    known = _public_numbers(sandbox_keys(folder))
    for name in ("wechat_pay_key_file", "alipay_key_file"):
        if getattr(settings, name) and _read(settings, name, private_key_of).public_key().public_numbers() in known:
            raise StartError(f"{name.upper()} holds a key of the payment sandbox")
    for name in ("wechat_pay_public_key_file", "alipay_public_key_file"):
        if getattr(settings, name) and _read(settings, name, public_key_of).public_numbers() in known:
            raise StartError(f"{name.upper()} holds a key of the payment sandbox")


def _public_numbers(keys: object) -> set[rsa.RSAPublicNumbers]:
    pairs = [getattr(keys, name) for name in getattr(keys, "__slots__", ())]
    return {pair.public_key().public_numbers() for pair in pairs if isinstance(pair, rsa.RSAPrivateKey)}


def _read(settings: Settings, name: str, of_text: Callable[[str], Key]) -> Key:
    """What the file of this setting holds. The message names the setting, never the content."""
    file = getattr(settings, name)
    try:
        return of_text(file.read_text().strip())
    except OSError as error:
        raise StartError(f"{name.upper()}: {file} cannot be read: {error.strerror}") from error
    except (ValueError, TypeError) as error:
        raise StartError(f"{name.upper()}: {file} holds no such key") from error


def _api_key(text: str) -> bytes:
    key = text.encode()
    if len(key) != API_KEY_BYTES:
        raise ValueError(f"an APIv3 key has {API_KEY_BYTES} bytes")
    return key
