"""`/hospital/orders.xlsx`: a hospital's orders as a workbook, by links that the graph made for one of its staff."""

from collections.abc import AsyncIterator
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from datasources.faults import unavailable_store
from datasources.storage.signed_links import LinkRefusedError, SignedLinks
from datasources.stores import Stores
from domain.clock import Clock
from domain.hospitals.order_workbook import PATH, file_name, orders_workbook
from domain.workbook import MEDIA_TYPE
from server.finance_routes import HEADERS


class HospitalOrderRoutes:
    """The route and what it needs."""

    def __init__(self, stores: Stores, links: SignedLinks, clock: Clock, zone: ZoneInfo) -> None:
        self._stores = stores
        self._links = links
        self._clock = clock
        self._zone = zone

    def routes(self) -> list[BaseRoute]:
        """For the application."""
        return [Route(PATH, self.orders, methods=["GET"])]

    async def orders(self, request: Request) -> Response:
        """The workbook that the link was made for."""
        try:
            terms = self._links.terms("GET", PATH, request.query_params.multi_items(), now=self._clock())
        except LinkRefusedError:
            return Response("This link has expired or was altered; ask for a new one.\n", 403, headers=HEADERS)
        pieces = orders_workbook(self._stores, terms, self._zone)
        try:
            # The first piece before the status: by then everything was read.
            first = await anext(pieces, b"")
        except Exception as error:
            if unavailable_store(error) is None:
                raise
            return Response("The data can't be read now; try again shortly.\n", 503, headers=HEADERS)

        async def whole() -> AsyncIterator[bytes]:
            yield first
            async for piece in pieces:
                yield piece

        headers = HEADERS | {"content-disposition": f'attachment; filename="{file_name(terms)}"'}
        return StreamingResponse(whole(), headers=headers, media_type=MEDIA_TYPE)
