"""Which providers the settings lead to, and what refuses to start."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from datasources.payments.channel import Provider
from datasources.stores import Stores
from domain.clock import system_clock
from server.payment_setup import PaymentSetup, payment_setup, payment_simulator, sandbox_folder
from server.sandbox_payments.keys import SandboxKeys, sandbox_keys
from server.sandbox_payments.merchant import ALIPAY_SELLER
from server.settings import Mode, Settings
from server.start_error import StartError

NOBODY_LISTENS = "127.0.0.1:1"


@pytest.fixture
async def stores() -> AsyncIterator[Stores]:
    """Stores that nobody asks anything."""
    stores = Stores.at(
        database_url=f"postgresql://u:p@{NOBODY_LISTENS}/d",
        mongodb_url=f"mongodb://{NOBODY_LISTENS}/d",
        redis_url=f"redis://{NOBODY_LISTENS}/0",
    )
    yield stores
    await stores.close()


def written(file: Path, key: rsa.RSAPrivateKey) -> tuple[Path, Path]:
    """The files of a private key and of its public half."""
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    file.write_bytes(private)
    file.with_suffix(".pub").write_bytes(public)
    return file, file.with_suffix(".pub")


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Settings of merchants' own."""
    folder = tmp_path_factory.mktemp("keys")
    ours, _ = written(folder / "ours.pem", rsa.generate_private_key(65537, 2048))
    _, theirs = written(folder / "theirs.pem", rsa.generate_private_key(65537, 2048))
    (folder / "api.key").write_text("0123456789abcdef0123456789abcdef\n")
    return {
        "wechat_pay_merchant_id": "1900000109",
        "wechat_pay_app_id": "wxd678efh567hg6787",
        "wechat_pay_key_file": ours,
        "wechat_pay_key_serial": "5157F09EFDC096DE15EBE81A47057A7232F1B8E1",
        "wechat_pay_api_key_file": folder / "api.key",
        "wechat_pay_public_key_file": theirs,
        "wechat_pay_public_key_id": "PUB_KEY_ID_0114232134912410000000000000",
        "alipay_app_id": "2014072300007148",
        "alipay_seller_id": "2088102122524333",
        "alipay_key_file": ours,
        "alipay_public_key_file": theirs,
        "public_url": "https://a.example",
    }


PRODUCTION = {
    "mode": Mode.PRODUCTION,
    "root_key": "x",
    "database_url": "postgresql://u:p@h/d",
    "mongodb_url": "mongodb://h/d",
    "redis_url": "redis://h/0",
}


async def closed(setup: PaymentSetup) -> set[Provider]:
    """Whose channels there were."""
    for channel in setup.channels.values():
        await channel.close_connections()
    return set(setup.channels)


async def test_the_settings_name_the_providers(stores: Stores, real: dict[str, Any], tmp_path: Path) -> None:
    settings = Settings.model_validate({**PRODUCTION, **real, "data_directory": tmp_path})
    setup = payment_setup(settings, stores, system_clock)
    assert setup.routes == []
    assert setup.start() == []
    assert await closed(setup) == {Provider.WECHAT_PAY, Provider.ALIPAY}


async def test_one_provider_may_be_enough(stores: Stores, real: dict[str, Any], tmp_path: Path) -> None:
    only = {name: value for name, value in real.items() if not name.startswith("wechat")}
    settings = Settings.model_validate({**only, "data_directory": tmp_path})
    assert await closed(payment_setup(settings, stores, system_clock)) == {Provider.ALIPAY}


async def test_without_any_settings_production_takes_no_money(stores: Stores, tmp_path: Path) -> None:
    settings = Settings.model_validate({**PRODUCTION, "data_directory": tmp_path})
    assert await closed(payment_setup(settings, stores, system_clock)) == set()
    assert not sandbox_folder(settings).exists()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("wechat_pay_key_file", "no key"),
        ("wechat_pay_api_key_file", "short"),
        ("alipay_public_key_file", ""),
        ("alipay_key_file", None),
    ],
)
async def test_a_key_that_cannot_be_read_is_named_by_its_setting(
    stores: Stores, real: dict[str, Any], tmp_path: Path, name: str, text: str | None
) -> None:
    if text is not None:
        (tmp_path / "file").write_text(text)
    settings = Settings.model_validate({**real, name: tmp_path / "file", "data_directory": tmp_path})
    with pytest.raises(StartError, match=name.upper()) as refused:
        payment_setup(settings, stores, system_clock)
    assert text is None or not text or text not in str(refused.value)


async def test_the_apps_own_public_key_is_not_alipays(stores: Stores, real: dict[str, Any], tmp_path: Path) -> None:
    settings = Settings.model_validate(
        {**real, "alipay_public_key_file": real["alipay_key_file"].with_suffix(".pub"), "data_directory": tmp_path}
    )
    with pytest.raises(StartError, match="ALIPAY_PUBLIC_KEY_FILE"):
        payment_setup(settings, stores, system_clock)


async def test_production_refuses_the_sandboxs_numbers_and_keys(
    stores: Stores, real: dict[str, Any], tmp_path: Path
) -> None:
    base = {**PRODUCTION, **real, "data_directory": tmp_path}
    with pytest.raises(StartError, match="ALIPAY_SELLER_ID is the payment sandbox's"):
        payment_setup(Settings.model_validate({**base, "alipay_seller_id": ALIPAY_SELLER}), stores, system_clock)
    keys: SandboxKeys = sandbox_keys(sandbox_folder(Settings.model_validate(base)))
    private, _ = written(tmp_path / "merchant.pem", keys.wechat_merchant)
    with pytest.raises(StartError, match="WECHAT_PAY_KEY_FILE holds a key of the payment sandbox"):
        payment_setup(Settings.model_validate({**base, "wechat_pay_key_file": private}), stores, system_clock)
    _, public = written(tmp_path / "provider.pem", keys.alipay_provider)
    with pytest.raises(StartError, match="ALIPAY_PUBLIC_KEY_FILE holds a key of the payment sandbox"):
        payment_setup(Settings.model_validate({**base, "alipay_public_key_file": public}), stores, system_clock)


def test_the_simulator_runs_neither_in_production_nor_beside_a_real_provider(real: dict[str, Any]) -> None:
    with pytest.raises(StartError, match="MODE=development"):
        payment_simulator(Settings.model_validate(PRODUCTION), system_clock)
    with pytest.raises(StartError, match="unset WECHAT_PAY_MERCHANT_ID"):
        payment_simulator(Settings.model_validate(real), system_clock)


def test_keys_are_made_once_and_shown_to_nobody(tmp_path: Path) -> None:
    first, again = sandbox_keys(tmp_path), sandbox_keys(tmp_path)
    assert first.wechat_merchant.private_numbers() == again.wechat_merchant.private_numbers()
    assert (tmp_path / "keys.json").stat().st_mode & 0o077 == 0
    assert first.wechat_api_key.decode() not in repr(first)
