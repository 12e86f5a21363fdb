"""What hospitals say about their orders."""

from domain.hospitals import answering
from domain.hospitals.answering import Acknowledgement, AnswerRefusal, OrderAnswered
from domain.problems import NotFound
from resolvers.audit import actor
from resolvers.check_in import receiving_hospital
from resolvers.context import RequestContext
from resolvers.orders import order_id_of

Answer = OrderAnswered | AnswerRefusal


async def acknowledge(context: RequestContext, order_id: str, said: Acknowledgement) -> Answer:
    """Note the hospital's own id of an order."""
    hospital_code, id, sql = receiving_hospital(context), order_id_of(order_id), context.stores.sql
    if id is None:
        return NotFound()
    return await answering.acknowledge_order(sql, context.zone, hospital_code, id, said, actor(context))


async def confirm(context: RequestContext, order_id: str, said: Acknowledgement) -> Answer:
    """Say yes to an order."""
    hospital_code, id, sql = receiving_hospital(context), order_id_of(order_id), context.stores.sql
    if id is None:
        return NotFound()
    return await answering.confirm_order(sql, context.booking.policy, hospital_code, id, said, actor(context))


async def reject(context: RequestContext, order_id: str, reason: str) -> Answer:
    """Say no to an order."""
    hospital_code, id = receiving_hospital(context), order_id_of(order_id)
    if id is None:
        return NotFound()
    return await answering.reject_order(context.stores.sql, hospital_code, id, reason, actor(context))


async def mark_no_show(context: RequestContext, order_id: str) -> Answer:
    """Say that a patient did not come."""
    hospital_code, id = receiving_hospital(context), order_id_of(order_id)
    if id is None:
        return NotFound()
    return await answering.mark_no_show(context.stores.sql, context.booking.policy, hospital_code, id, actor(context))
