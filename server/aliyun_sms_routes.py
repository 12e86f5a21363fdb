"""`POST /sms/aliyun/{token}/reports`: where Aliyun pushes what became of text messages, up to 20 at a time.

It signs nothing, so the address itself is the secret (ALIYUN_SMS_REPORT_TOKEN); without that setting there is none.
"""

import hmac
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import orjson
import structlog
from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from datasources.faults import unavailable_store
from datasources.stores import Stores
from domain.clock import Clock
from domain.sms.delivery_reports import DeliveryReport, take_delivery_report
from server.http.body import read_body
from server.http.execution import ClientGone
from server.http.limits import LimitExceeded

MOST_BODY_BYTES = 256 * 1024
MOST_REPORTS = 500
LONGEST_REASON = 64

_log = structlog.get_logger(component="sms")


def aliyun_sms_routes(stores: Stores, token: SecretStr | None, clock: Clock) -> list[BaseRoute]:
    """For the application; none without a token."""
    if token is None:
        return []
    wanted = token.get_secret_value().encode()

    async def reports(request: Request) -> Response:
        if not hmac.compare_digest(request.path_params["token"].encode(), wanted):
            return Response(status_code=404)
        try:
            body = await read_body(dict(request.scope["headers"]), request.receive, MOST_BODY_BYTES)
        except LimitExceeded:
            return _answer(413, "the body is too large")
        except ClientGone:
            return Response(status_code=400)
        found = read_reports(body)
        if found is None:
            return _answer(400, "a JSON list of reports is expected")
        try:
            changed = [await take_delivery_report(stores.sql, report, clock()) for report in found]
        except Exception as error:
            if unavailable_store(error) is None:
                raise
            # Whatever is not answered with 0 is pushed again, and what was taken before changes nothing then.
            return _answer(503, "not available just now")
        _log.info("delivery_reports", reports=len(found), changed=sum(changed))
        return _answer(200, "ok")

    return [Route("/sms/aliyun/{token}/reports", reports, methods=["POST"])]


def read_reports(body: bytes) -> Sequence[DeliveryReport] | None:
    """The reports of a push, but for those that can't be about a message of ours; None for what is no such list."""
    try:
        items = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(items, list) or len(items) > MOST_REPORTS:
        return None
    return [report for item in items if (report := _report(item)) is not None]


def _report(item: Any) -> DeliveryReport | None:
    if not isinstance(item, dict):
        return None
    number, delivered = item.get("biz_id"), item.get("success")
    try:
        id = UUID(str(item.get("out_id")))
    except ValueError:
        return None
    if not isinstance(number, str) or not number or not isinstance(delivered, bool):
        return None
    return DeliveryReport(id, number, delivered, "" if delivered else str(item.get("err_code", ""))[:LONGEST_REASON])


def _answer(status: int, words: str) -> Response:
    body = orjson.dumps({"code": 0 if status == 200 else status, "msg": words})
    return Response(body, status, media_type="application/json", headers={"cache-control": "no-store"})
