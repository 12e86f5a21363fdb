"""`/finance/exports`: workbooks, by links that the graph made for one member of finance."""

from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from datasources.faults import unavailable_store
from datasources.storage.signed_links import LinkRefusedError, SignedLinks
from datasources.stores import Stores
from domain.clock import Clock
from domain.payments.finance_exports import PATH, export_of
from domain.workbook import MEDIA_TYPE

HEADERS = {"cache-control": "private, no-store", "x-content-type-options": "nosniff", "referrer-policy": "no-referrer"}


class FinanceRoutes:
    """The routes and what they need."""

    def __init__(self, stores: Stores, links: SignedLinks, clock: Clock, zone: ZoneInfo) -> None:
        self._stores = stores
        self._links = links
        self._clock = clock
        self._zone = zone

    def routes(self) -> list[BaseRoute]:
        """For the application."""
        return [Route(PATH, self.export, methods=["GET"])]

    async def export(self, request: Request) -> Response:
        """The workbook that the link was made for."""
        try:
            terms = self._links.terms("GET", PATH, request.query_params.multi_items(), now=self._clock())
        except LinkRefusedError:
            return Response("This link has expired or was altered; ask for a new one.\n", 403, headers=HEADERS)
        try:
            name, content = await export_of(self._stores, terms, self._zone)
        except Exception as error:
            if unavailable_store(error) is None:
                raise
            return Response("The data can't be read now; try again shortly.\n", 503, headers=HEADERS)
        headers = HEADERS | {"content-disposition": f'attachment; filename="{name}"'}
        return Response(content, headers=headers, media_type=MEDIA_TYPE)
