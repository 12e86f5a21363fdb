"""`/hospitals/<code>/logo`: a hospital's logo as its `logoUrl` names it."""

from starlette.requests import Request
from starlette.responses import Response

from resolvers.hospitals import logo_of

# The address carries the picture's own hash (`?v=`), so what it once answered never changes.
_FOREVER = "public, max-age=31536000, immutable"
_SHORTLY = "public, max-age=300"


async def hospital_logo(request: Request) -> Response:
    """The picture, 304 for a caller that has it, or 404."""
    logo = await logo_of(request.path_params["code"])
    if logo is None:
        return Response("There is no logo here.\n", status_code=404, media_type="text/plain")
    headers = {
        "ETag": f'"{logo.etag}"',
        "Cache-Control": _FOREVER if request.query_params.get("v") == logo.etag else _SHORTLY,
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(logo.content, media_type=logo.content_type, headers=headers)
