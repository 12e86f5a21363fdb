"""What becomes of an account's orders when the account is erased: live ones are cancelled, all become anonymous."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.booking_bans import BookingBans
from datasources.sql.booking_order import LIVE
from datasources.sql.database import Database
from datasources.sql.order_erasure import make_orders_anonymous
from datasources.sql.order_sweeps import DueOrder, OrderSweeps
from domain.audit.actor import Actor
from domain.booking.reasons import EndReason
from domain.booking.sweeping import move_each
from domain.booking.withdrawing import end_from_outside

_JOB = "erase_accounts"


async def cancel_orders_of_due_accounts(database: Database, now: datetime) -> int:
    """Cancel the live orders of accounts whose erasure is due, each in a transaction of its own; how many there were.

    Done before the erasing transaction, which holds the account's row: whoever books waits for that row with the
    ledger's in hand.
    """

    async def read(besides: Sequence[UUID], limit: int) -> list[DueOrder]:
        async with database.read() as session:
            return await OrderSweeps(session).live_of_due_accounts(now, besides, limit)

    async def cancel(due: DueOrder) -> bool:
        async with database.unit_of_work() as session:
            order = await OrderSweeps(session).take(due.id)
            if order is None or order.state not in LIVE:
                return False
            await end_from_outside(session, order, EndReason.ACCOUNT_DELETED, Actor.system(_JOB, now))
            return True

    return await move_each(read, cancel)


async def erase_orders(session: AsyncSession, user_id: UUID, now: datetime) -> None:
    """Make the account's orders and bans anonymous. Repeating it changes nothing.

    Comes after the patients in `ERASERS`: from then on nobody can book for them, so an order that was made in the
    last moment is found and cancelled here.
    """
    for order in await OrderSweeps(session).take_live_of_user(user_id):
        await end_from_outside(session, order, EndReason.ACCOUNT_DELETED, Actor.system(_JOB, now))
    await make_orders_anonymous(session, user_id)
    await BookingBans(session).forget_persons_of(user_id)
