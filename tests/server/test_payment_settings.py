"""Which settings of payments go together, and which refuse to."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from server.settings import ALIPAY_SETTINGS, WECHAT_PAY_SETTINGS, Mode, Settings

STORES = {
    "root_key": "x",
    "database_url": "postgresql://u:p@h/d",
    "mongodb_url": "mongodb://h/d",
    "redis_url": "redis://h/0",
}
PRODUCTION = {"mode": Mode.PRODUCTION, **STORES}
WECHAT_PAY = {name: Path("f") if name.endswith("_file") else "x" for name in WECHAT_PAY_SETTINGS[0]}
ALIPAY = {name: Path("f") if name.endswith("_file") else "x" for name in ALIPAY_SETTINGS[0]}


def refusal(values: dict[str, Any]) -> str:
    with pytest.raises(ValidationError) as refused:
        Settings.model_validate(values)
    return str(refused.value)


@pytest.mark.parametrize("whole", [WECHAT_PAY, ALIPAY])
def test_each_providers_settings_are_given_all_or_none(whole: dict[str, Any]) -> None:
    assert Settings.model_validate(whole).real_payments == list(whole)
    for name in whole:
        half = {key: value for key, value in whole.items() if key != name}
        assert f"needs these settings as well: {name.upper()}" in refusal(half)


def test_an_address_alone_is_half_of_something() -> None:
    assert "ALIPAY_BASE_URL needs these settings as well: ALIPAY_APP_ID" in refusal({"alipay_base_url": "https://a"})


def test_the_sandbox_runs_in_development_until_a_provider_is_named() -> None:
    assert Settings().simulates_payments
    assert not Settings(payment_sandbox=False).simulates_payments
    assert not Settings.model_validate(ALIPAY).simulates_payments
    assert not Settings.model_validate(PRODUCTION).simulates_payments


def test_the_sandbox_refuses_company() -> None:
    assert "MODE=development" in refusal({**PRODUCTION, "payment_sandbox": True})
    assert "unset ALIPAY_APP_ID" in refusal({**ALIPAY, "payment_sandbox": True})
    assert "unset WECHAT_PAY_MERCHANT_ID" in refusal({**WECHAT_PAY, "payment_sandbox": True})


def test_production_speaks_https_to_providers_and_has_an_address_for_them() -> None:
    public = {"public_url": "https://a.example"}
    assert Settings.model_validate({**PRODUCTION, **ALIPAY, **public}).notify_url == "https://a.example"
    assert "PUBLIC_URL" in refusal({**PRODUCTION, **ALIPAY})
    plain = {**ALIPAY, **public, "alipay_base_url": "http://127.0.0.1/gateway.do"}
    assert "ALIPAY_BASE_URL" in refusal({**PRODUCTION, **plain})
    assert Settings.model_validate(plain).alipay_base_url == plain["alipay_base_url"]


def test_notifies_may_come_by_another_address_than_browsers() -> None:
    settings = Settings(public_url="https://a.example/", payment_notify_base_url="https://b.example/")
    assert (settings.site_url, settings.notify_url) == ("https://a.example", "https://b.example")
