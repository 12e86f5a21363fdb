"""A server that speaks OSS's wire protocol: every request is refused unless its version 4 signature holds.

Canonical form as the vendor documents it:
https://www.alibabacloud.com/help/en/oss/developer-reference/recommend-to-use-signature-version-4
"""

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, unquote
from xml.etree import ElementTree as ET

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

CLOCK_SKEW = timedelta(minutes=15)
LONGEST_LINK = timedelta(days=7)
_AUTHORIZATION = re.compile(
    r"OSS4-HMAC-SHA256 Credential=(?P<credential>[^,]+)(, ?AdditionalHeaders=(?P<additional>[^,]+))?"
    r", ?Signature=(?P<signature>[0-9a-f]{64})(, ?AdditionalHeaders=(?P<later>[^,]+))?"
)


class DeniedError(Exception):
    def __init__(self, code: str, status: int = 403) -> None:
        self.code = code
        self.status = status


@dataclass
class StoredObject:
    content: bytes
    content_type: str
    encryption: str | None


@dataclass
class OssServer:
    region: str = "cn-beijing"
    secrets: dict[str, str] = field(default_factory=lambda: {"the-key-id": "the-secret"})
    objects: dict[str, StoredObject] = field(default_factory=dict)
    failing: int = 0
    """How many of the next requests are answered 503."""
    requests: int = 0

    def app(self) -> Starlette:
        methods = ["GET", "HEAD", "PUT", "POST", "DELETE"]
        return Starlette(routes=[Route("/{bucket}/{key:path}", self.answer, methods=methods)])

    async def answer(self, request: Request) -> Response:
        self.requests += 1
        body = await request.body()
        if self.failing > 0:
            self.failing -= 1
            return _error("ServiceUnavailable", 503)
        try:
            self._check_signature(request)
            return self._serve(request, body)
        except DeniedError as denied:
            return _error(denied.code, denied.status)

    def _serve(self, request: Request, body: bytes) -> Response:
        name = f"{request.path_params['bucket']}/{request.path_params['key']}"
        match request.method:
            case "PUT":
                return self._put(name, request, body)
            case "GET" | "HEAD":
                found = self.objects.get(name)
                if found is None:
                    raise DeniedError("NoSuchKey", 404)
                headers = {"Content-Type": request.query_params.get("response-content-type", found.content_type)}
                if disposition := request.query_params.get("response-content-disposition"):
                    headers["Content-Disposition"] = disposition
                return Response(found.content, headers=headers)
            case "DELETE":
                self.objects.pop(name, None)
                return Response(status_code=204)
            case _:
                for each in ET.fromstring(body).iter("Key"):
                    self.objects.pop(f"{request.path_params['bucket']}/{each.text}", None)
                return Response("<DeleteResult></DeleteResult>", media_type="application/xml")

    def _put(self, name: str, request: Request, body: bytes) -> Response:
        if request.headers.get("x-oss-forbid-overwrite") == "true" and name in self.objects:
            raise DeniedError("FileAlreadyExists", 409)
        md5 = base64.b64encode(hashlib.md5(body).digest()).decode()
        if request.headers.get("content-md5", md5) != md5:
            raise DeniedError("InvalidDigest", 400)
        encryption = request.headers.get("x-oss-server-side-encryption")
        self.objects[name] = StoredObject(body, request.headers.get("content-type", ""), encryption)
        return Response(headers={"ETag": '"x"', "x-oss-request-id": "1"})

    def _check_signature(self, request: Request) -> None:
        in_query = "x-oss-signature" in request.query_params
        given = request.query_params if in_query else _of_header(request)
        key_id, day, region, product, version = given["x-oss-credential"].split("/")
        made = datetime.strptime(given["x-oss-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        lasts = timedelta(seconds=int(given["x-oss-expires"])) if in_query else CLOCK_SKEW
        now = datetime.now(UTC)
        if lasts > LONGEST_LINK or now > made + lasts or now < made - CLOCK_SKEW:
            raise DeniedError("AccessDenied" if in_query else "RequestTimeTooSkewed")
        if (region, product, version) != (self.region, "oss", "aliyun_v4_request") or day != f"{made:%Y%m%d}":
            raise DeniedError("InvalidArgument", 400)
        secret = self.secrets.get(key_id)
        if secret is None:
            raise DeniedError("InvalidAccessKeyId")
        scope = f"{day}/{region}/oss/aliyun_v4_request"
        canonical = _canonical(request, [name for name in given.get("x-oss-additional-headers", "").split(";") if name])
        to_sign = "\n".join(
            ["OSS4-HMAC-SHA256", given["x-oss-date"], scope, hashlib.sha256(canonical.encode()).hexdigest()]
        )
        key = b"aliyun_v4" + secret.encode()
        for part in (day, region, "oss", "aliyun_v4_request"):
            key = hmac.digest(key, part.encode(), "sha256")
        if not hmac.compare_digest(hmac.digest(key, to_sign.encode(), "sha256").hex(), given["x-oss-signature"]):
            raise DeniedError("SignatureDoesNotMatch")


def _of_header(request: Request) -> dict[str, str]:
    found = _AUTHORIZATION.fullmatch(request.headers.get("authorization", ""))
    if found is None:
        raise DeniedError("AccessDenied")
    return {
        "x-oss-credential": found["credential"],
        "x-oss-signature": found["signature"],
        "x-oss-date": request.headers["x-oss-date"],
        "x-oss-additional-headers": found["additional"] or found["later"] or "",
    }


def _canonical(request: Request, additional: list[str]) -> str:
    query = []
    for pair in filter(None, request.url.query.split("&")):
        name, _, value = pair.partition("=")
        if name != "x-oss-signature":
            name, value = quote(unquote(name), safe="-_.~"), quote(unquote(value), safe="-_.~")
            query.append(f"{name}={value}" if value else name)
    signed = {
        name: value.strip()
        for name, value in request.headers.items()
        if name in ("content-type", "content-md5") or name.startswith("x-oss-") or name in additional
    }
    return "\n".join(
        [
            request.method,
            quote(unquote(request.url.path), safe="/-_.~"),
            "&".join(sorted(query)),
            "".join(f"{name}:{value}\n" for name, value in sorted(signed.items())),
            ";".join(sorted(additional)),
            "UNSIGNED-PAYLOAD",
        ]
    )


def _error(code: str, status: int) -> Response:
    return Response(f"<Error><Code>{code}</Code></Error>", status_code=status, media_type="application/xml")
