"""Both simulated providers, their books and their pages as one application, and the channels that lead to it."""

from pathlib import Path

import httpx
from starlette.applications import Starlette
from starlette.routing import Mount

from datasources.cache.nonces import Nonces
from datasources.payments.alipay import Alipay, AlipayAccount
from datasources.payments.beijing import Clock
from datasources.payments.channel import PaymentChannels, Provider
from datasources.payments.provider_http import ProviderHttp
from datasources.payments.wechat_pay import WeChatPay, WeChatPayAccount
from datasources.payments.wechat_signature import Signer
from server.sandbox_payments import merchant
from server.sandbox_payments.alipay_rules import GATEWAY_PATH
from server.sandbox_payments.alipay_side import AlipaySide
from server.sandbox_payments.books import Books
from server.sandbox_payments.cashier import Cashier
from server.sandbox_payments.happenings import Happenings
from server.sandbox_payments.keys import sandbox_keys
from server.sandbox_payments.notifies import Hurry
from server.sandbox_payments.overview import Overview
from server.sandbox_payments.postman import Postman
from server.sandbox_payments.wechat_side import WeChatSide

PATH = "/sandbox/pay"
WITHIN = "http://payments.sandbox"
"""The address of the providers for requests that stay within the process."""

_WECHAT, _ALIPAY = "/wechat-pay", "/alipay"


class PaymentSimulator:
    """One merchant's two providers. Its books are a file: every process that opens the same folder is the same one."""

    def __init__(
        self,
        folder: Path,
        clock: Clock,
        *,
        scale: float = 1.0,
        notify_transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._clock = clock
        self._keys = sandbox_keys(folder)
        self.books = Books(folder / "books.sqlite")
        self.happenings = Happenings(Hurry(scale))
        self.postman = Postman(self.books, self._keys, self.happenings, clock, transport=notify_transport)
        self.application = self._application()

    def channels(self, nonces: Nonces, site_url: str) -> PaymentChannels:
        """The merchant's channels, by requests that stay within the process. Codes lead to the cashier's page."""

        def cashier(code: str) -> str:
            return f"{site_url}{PATH}/cashier/{_token(code)}"

        keys = self._keys
        signer = Signer(merchant.WECHAT_MERCHANT, keys.wechat_merchant, merchant.WECHAT_KEY_SERIAL)
        wechat = WeChatPay(
            WeChatPayAccount(
                merchant.WECHAT_APP,
                signer,
                keys.wechat_api_key,
                keys.wechat_provider.public_key(),
                merchant.WECHAT_PUBLIC_KEY_ID,
            ),
            nonces,
            self._clock,
            http=self._http("wechat-pay"),
            api_url=WITHIN + _WECHAT,
            cashier=cashier,
        )
        alipay = Alipay(
            AlipayAccount(
                merchant.ALIPAY_APP, merchant.ALIPAY_SELLER, keys.alipay_merchant, keys.alipay_provider.public_key()
            ),
            nonces,
            self._clock,
            http=self._http("alipay"),
            api_url=WITHIN + _ALIPAY + GATEWAY_PATH,
            page_url=f"{site_url}{PATH}{_ALIPAY}{GATEWAY_PATH}",
            cashier=cashier,
        )
        return {Provider.WECHAT_PAY: wechat, Provider.ALIPAY: alipay}

    def _http(self, name: str) -> ProviderHttp:
        return ProviderHttp(name, transport=httpx.ASGITransport(self.application))

    def _application(self) -> Starlette:
        wechat = WeChatSide(self.books, self._keys, self.happenings, self._clock)
        alipay = AlipaySide(self.books, self._keys, self.happenings, self._clock)
        cashier = Cashier(self.books, self.happenings, self._clock)
        overview = Overview(self.books, self.happenings, self._clock)
        return Starlette(
            routes=[
                Mount(_WECHAT, routes=wechat.routes()),
                Mount(_ALIPAY, routes=alipay.routes()),
                *cashier.routes(),
                *overview.routes(),
            ]
        )


def _token(code: str) -> str:
    """Every code and page ends in its trade's token."""
    return code.rpartition("/")[2].rpartition("=")[2]
