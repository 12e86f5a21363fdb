"""How a simulated provider answers while a fault is switched on."""

import asyncio
from collections.abc import Awaitable, Callable

from starlette.responses import Response

from datasources.payments.channel import Provider
from server.sandbox_payments.books import Books
from server.sandbox_payments.switches import Answers, used

HANGS_SECONDS = 60.0
"""Longer than anybody waits."""


async def as_switched(
    books: Books, provider: Provider, answer: Callable[[], Awaitable[Response]], failure: Callable[[], Response]
) -> Response:
    """The answer, or whatever takes its place; what was asked for is done or not, as the switch says."""
    how = Answers(await books.do(lambda open_books: used(open_books, provider, "answers")))
    if how is Answers.OK:
        return await answer()
    if how in {Answers.LOST, Answers.LOST_HANGS}:
        await answer()
    if how in {Answers.HANGS, Answers.LOST_HANGS}:
        await asyncio.sleep(HANGS_SECONDS)
    return failure()
