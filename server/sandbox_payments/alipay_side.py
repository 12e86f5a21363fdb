"""Alipay's gateway as its documentation tells it: every request is proved, every answer is signed.

https://opendocs.alipay.com/apis/api_1/alipay.trade.query
"""

import sqlite3
from datetime import date, timedelta
from urllib.parse import parse_qsl

import orjson
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from datasources.payments import alipay
from datasources.payments.alipay_signature import SIGN_TYPE, is_signed_request
from datasources.payments.beijing import Clock, moment_of_text
from datasources.payments.channel import Provider
from datasources.payments.rsa_signatures import signature_of
from server.sandbox_payments.alipay_bill import bill_zip
from server.sandbox_payments.alipay_rules import FILE_PATH, GATEWAY_PATH, AlipayRules, Fields, RefusedError
from server.sandbox_payments.answers import as_switched
from server.sandbox_payments.bills import movements_of
from server.sandbox_payments.books import Books
from server.sandbox_payments.happenings import Happenings
from server.sandbox_payments.keys import SandboxKeys
from server.sandbox_payments.merchant import ALIPAY_APP
from server.sandbox_payments.trades import Kind

MOST_TIME_OFF = timedelta(minutes=15)

_ALIPAY = Provider.ALIPAY
_PAGES = {alipay.PAGE: Kind.PAGE, alipay.PHONE_PAGE: Kind.PHONE_PAGE}


class AlipaySide:
    """The routes. `cashier_path` leads from the mount to the cashier's page of a token."""

    def __init__(self, books: Books, keys: SandboxKeys, happenings: Happenings, clock: Clock) -> None:
        self._books = books
        self._keys = keys
        self._happenings = happenings
        self._clock = clock
        self._rules = AlipayRules(keys, happenings, clock)

    def routes(self) -> list[BaseRoute]:
        """For a mount."""
        return [
            Route(GATEWAY_PATH, self.gateway, methods=["POST"]),
            Route(GATEWAY_PATH, self.open_page, methods=["GET"]),
            Route(FILE_PATH, self.bill_file),
        ]

    async def gateway(self, request: Request) -> Response:
        """Every method but the pages."""
        parameters = dict(parse_qsl((await request.body()).decode(errors="replace"), keep_blank_values=True))
        name = f"{parameters.get('method', '').replace('.', '_')}_response"
        try:
            self._prove(parameters)
        except RefusedError as refused:
            # As the real one: what it cannot ascribe to a merchant it does not sign.
            return _json({name: refused.fields})

        async def answer() -> Response:
            text = orjson.dumps(await self._done(request, parameters)).decode()
            sign = signature_of(self._keys.alipay_provider, text.encode())
            return Response(f'{{"{name}":{text},"sign":"{sign}"}}', media_type="application/json;charset=utf-8")

        return await as_switched(self._books, _ALIPAY, answer, lambda: Response("500", 500))

    async def open_page(self, request: Request) -> Response:
        """A browser comes with a signed address: the trade begins, and the cashier shows it."""
        parameters = dict(request.query_params)
        try:
            self._prove(parameters)
            kind = _PAGES.get(parameters["method"])
            if kind is None:
                raise RefusedError("isv.invalid-method", "不存在的方法名", "40002")
            content = orjson.loads(parameters["biz_content"])
            found = await self._books.do(lambda books: self._rules.open_page(books, parameters, content, kind))
        except RefusedError as refused:
            return _json(refused.fields, 400)
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
            return _json({"sub_code": "isv.invalid-parameter", "sub_msg": str(error)}, 400)
        return RedirectResponse(f"../cashier/{found.token}", 302)

    async def bill_file(self, request: Request) -> Response:
        """The bill, packed; its address alone opens it, for half a minute."""
        day, until = request.query_params.get("bizDates", ""), request.query_params.get("until", "")
        genuine = self._rules.ticket(day, until) == request.query_params.get("ticket")
        if not genuine or self._now > float(until):
            return Response(status_code=403)
        asked_day = date.fromisoformat(day)
        lines = await self._books.do(lambda books: movements_of(books, _ALIPAY, asked_day))
        return Response(bill_zip(lines, asked_day), media_type="application/octet-stream")

    @property
    def _now(self) -> float:
        return self._clock().timestamp()

    def _prove(self, parameters: dict[str, str]) -> None:
        if parameters.get("app_id") != ALIPAY_APP:
            raise RefusedError("isv.invalid-app-id", "无效的AppID参数", "40002")
        if parameters.get("sign_type") != SIGN_TYPE or not is_signed_request(
            parameters, self._keys.alipay_merchant.public_key()
        ):
            raise RefusedError("isv.invalid-signature", "验签出错", "40002")
        try:
            sent_at = moment_of_text(parameters.get("timestamp", ""))
        except ValueError:
            raise RefusedError("isv.invalid-timestamp", "非法的时间戳参数", "40002") from None
        if abs(sent_at - self._clock()) > MOST_TIME_OFF:
            raise RefusedError("isv.invalid-timestamp", "非法的时间戳参数", "40002")

    async def _done(self, request: Request, parameters: dict[str, str]) -> Fields:
        method = self._rules.methods.get(parameters.get("method", ""))
        if method is None:
            return RefusedError("isv.invalid-method", "不存在的方法名", "40002").fields

        def action(books: sqlite3.Connection) -> Fields:
            self._happenings.catch_up(books, self._now)
            try:
                told = method(books, request, dict(parameters), orjson.loads(parameters["biz_content"]))
            except RefusedError as refused:
                # Within the transaction, so that a switch which made it refuse is used up.
                return refused.fields
            return {"code": alipay.DONE, "msg": "Success", **told}

        try:
            return await self._books.do(action)
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
            return RefusedError("ACQ.INVALID_PARAMETER", f"参数无效 {error}").fields


def _json(fields: Fields, status: int = 200) -> Response:
    return Response(orjson.dumps(fields), status, media_type="application/json;charset=utf-8")
