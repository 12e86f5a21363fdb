"""A hospital's orders to take away, for its staff."""

from domain.hospitals import order_workbook
from domain.hospitals.order_workbook import OrdersExport, OrdersWanted
from domain.permissions import Permission
from domain.problems import InvalidInput
from resolvers.audit import actor
from resolvers.context import RequestContext
from resolvers.staff_callers import managed_hospital


async def export(context: RequestContext, wanted: OrdersWanted) -> OrdersExport | InvalidInput:
    """A link to a workbook of the caller's hospital's orders."""
    hospital_code = managed_hospital(context, Permission.RECEIVE_PATIENTS)
    links = context.files.links
    return await order_workbook.orders_link(
        context.stores, links, hospital_code, wanted, context.language, actor(context)
    )
