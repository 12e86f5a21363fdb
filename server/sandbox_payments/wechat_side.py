"""WeChat Pay's API v3 as its documentation tells it: every request is proved, every answer is signed.

https://pay.weixin.qq.com/doc/v3/merchant/4012791874
"""

import gzip
import hashlib
import sqlite3
from collections.abc import Callable
from datetime import date

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from datasources.payments.beijing import Clock
from datasources.payments.channel import Provider
from datasources.payments.wechat_pay import BILL_PATH, ORDER_PATH, PHONE_ORDER_PATH, REFUND_PATH, TRADE_PATH
from server.sandbox_payments.answers import as_switched
from server.sandbox_payments.books import Books
from server.sandbox_payments.happenings import Happenings
from server.sandbox_payments.keys import SandboxKeys
from server.sandbox_payments.trades import Kind
from server.sandbox_payments.wechat_proof import is_proved, signed_headers
from server.sandbox_payments.wechat_rules import Fields, RefusedError, WeChatRules, must

FILE_PATH = "/v3/billdownload/file"

_JSON = "application/json"
_BROKEN: Fields = {"code": "SYSTEM_ERROR", "message": "系统错误"}

Step = Callable[[sqlite3.Connection, Fields], Fields | None]


class WeChatSide:
    """The routes."""

    def __init__(self, books: Books, keys: SandboxKeys, happenings: Happenings, clock: Clock) -> None:
        self._books = books
        self._keys = keys
        self._happenings = happenings
        self._clock = clock
        self._rules = WeChatRules(happenings, clock)

    def routes(self) -> list[BaseRoute]:
        """For a mount."""
        return [
            Route(ORDER_PATH, self.native_order, methods=["POST"]),
            Route(PHONE_ORDER_PATH, self.phone_order, methods=["POST"]),
            Route(f"{TRADE_PATH}/{{number}}", self.query),
            Route(f"{TRADE_PATH}/{{number}}/close", self.close, methods=["POST"]),
            Route(REFUND_PATH, self.refund, methods=["POST"]),
            Route(f"{REFUND_PATH}/{{number}}", self.query_refund),
            Route(BILL_PATH, self.bill),
            Route(FILE_PATH, self.bill_file),
        ]

    async def native_order(self, request: Request) -> Response:
        """A trade whose code is scanned."""
        return await self._answer(request, lambda books, fields: self._rules.order(books, fields, Kind.CODE))

    async def phone_order(self, request: Request) -> Response:
        """A trade whose page a phone opens."""
        return await self._answer(request, lambda books, fields: self._rules.order(books, fields, Kind.PHONE_PAGE))

    async def query(self, request: Request) -> Response:
        """A trade by the merchant's number."""
        number, merchant = request.path_params["number"], request.query_params.get("mchid")
        return await self._answer(request, lambda books, _: self._rules.query(books, number, merchant))

    async def close(self, request: Request) -> Response:
        """End an unpaid trade: 204."""
        number = request.path_params["number"]
        return await self._answer(request, lambda books, fields: self._rules.close(books, number, fields))

    async def refund(self, request: Request) -> Response:
        """Ask for a refund."""
        return await self._answer(request, self._rules.refund)

    async def query_refund(self, request: Request) -> Response:
        """A refund by the merchant's number."""
        number = request.path_params["number"]
        return await self._answer(request, lambda books, _: self._rules.query_refund(books, number))

    async def bill(self, request: Request) -> Response:
        """Where the bill of a day lies, and its digest."""

        def place(books: sqlite3.Connection, _: Fields) -> Fields:
            day = date.fromisoformat(request.query_params["bill_date"])
            digest = hashlib.sha1(self._rules.bill(books, day), usedforsecurity=False).hexdigest()
            address = f"{str(request.url).partition(BILL_PATH)[0]}{FILE_PATH}?token={day}"
            return {"hash_type": "SHA1", "hash_value": digest, "download_url": address}

        return await self._answer(request, place)

    async def bill_file(self, request: Request) -> Response:
        """The bill, packed. As the real one it is not signed."""
        if not is_proved(request, b"", self._keys, self._now):
            return _unproved()
        try:
            day = date.fromisoformat(request.query_params.get("token", ""))
            text = await self._books.do(lambda books: self._rules.bill(books, day))
        except (ValueError, RefusedError):
            return Response(status_code=404)
        return Response(gzip.compress(text), media_type="application/octet-stream")

    @property
    def _now(self) -> float:
        return self._clock().timestamp()

    async def _answer(self, request: Request, step: Step) -> Response:
        """One request: proved, done in one transaction, and answered as the switch says."""
        body = await request.body()
        if not is_proved(request, body, self._keys, self._now):
            return _unproved()
        return await as_switched(
            self._books,
            Provider.WECHAT_PAY,
            lambda: self._done(body, step),
            lambda: self._signed(500, _BROKEN),
        )

    async def _done(self, body: bytes, step: Step) -> Response:
        def action(books: sqlite3.Connection) -> Fields | None:
            self._happenings.catch_up(books, self._now)
            return step(books, fields)

        try:
            fields = orjson.loads(body) if body else {}
            must(isinstance(fields, dict), "body")
            told = await self._books.do(action)
        except RefusedError as refused:
            return self._signed(refused.status, {"code": refused.code, "message": refused.message})
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            return self._signed(400, {"code": "PARAM_ERROR", "message": f"参数错误 {error}"})
        return self._signed(204 if told is None else 200, told)

    def _signed(self, status: int, fields: Fields | None) -> Response:
        body = b"" if fields is None else orjson.dumps(fields)
        return Response(body, status, headers=signed_headers(self._keys, body, self._now), media_type=_JSON)


def _unproved() -> Response:
    # As the real one: what it cannot ascribe to a merchant it does not sign.
    body = orjson.dumps({"code": "SIGN_ERROR", "message": "签名错误"})
    return Response(body, 401, media_type=_JSON)
