"""Answers in the older form: always HTTP 200, with a number that says how it went."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from starlette.responses import Response

from domain.integration.legacy_verification import Fault

DONE = 200
FAILED = 201
WRONG_PARAMETER = 202
AGAIN_LATER = 203
REPEATED = 206
WRONG_SIGNATURE = 300
EXPIRED_SIGNATURE = 301

OF_FAULTS: Mapping[Fault, int] = {
    Fault.MALFORMED: WRONG_PARAMETER,
    Fault.EXPIRED: EXPIRED_SIGNATURE,
    Fault.WRONG: WRONG_SIGNATURE,
    Fault.REPLAYED: REPEATED,
}


def answer(code: int, message: str, data: object = None) -> Response:
    """One answer."""
    body = orjson.dumps({"code": code, "message": message, "data": data, "ok": code == DONE})
    return Response(body, media_type="application/json", headers={"cache-control": "no-store"})


def page_of(rows: Sequence[Mapping[str, Any]], *, total: int, page: int, size: int) -> dict[str, Any]:
    """A page as older systems read it; `page` counts from 1, its `number` from 0."""
    pages = -(-total // size)
    return {
        "content": list(rows),
        "totalElements": total,
        "totalPages": pages,
        "number": page - 1,
        "size": size,
        "numberOfElements": len(rows),
        "first": page == 1,
        "last": page >= pages,
        "empty": not rows,
    }
