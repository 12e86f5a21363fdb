"""The portal as the settings have it."""

from collections.abc import Callable
from urllib.parse import urlsplit

from domain.callers import Caller
from resolvers.exchange import Exchange
from server.http.endpoint import GraphQLEndpoint
from server.http.trace import Trace
from server.portal.built import Built
from server.portal.first_answers import FirstAnswers
from server.portal.pages import Portal
from server.settings import Settings


def portal_of(
    settings: Settings, endpoint: GraphQLEndpoint, make_context: Callable[[Caller, Trace, Exchange], object]
) -> Portal | None:
    """The pages, which ask the same graph as `endpoint`; None before the first build."""
    built = Built.found()
    if built is None:
        return None
    answers = FirstAnswers(endpoint.documents, endpoint.execution, make_context, built.documents)
    return Portal(
        built, answers, zone=settings.zone, public_url=settings.public_url, upload_origin=_upload_origin(settings)
    )


def _upload_origin(settings: Settings) -> str | None:
    if settings.oss_endpoint is None or settings.oss_private_bucket is None:
        return None
    return f"https://{settings.oss_private_bucket}.{urlsplit(settings.oss_endpoint).netloc}"
