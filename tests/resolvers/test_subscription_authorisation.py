"""Every subscription × every kind of caller is let in as the table says; run in process, as a transport runs it."""

from inspect import isawaitable
from typing import Any

import pytest
from graphql import ExecutionResult, GraphQLError, parse, subscribe

from domain.booking.desk import BookingDesk
from domain.clock import system_clock
from domain.payments.desk import PaymentDesk
from domain.refusals import Refusal
from resolvers.context import RequestContext
from schema.graph import graph
from server.booking_policy import booking_policy
from server.file_storage import file_storage
from server.settings import Settings
from tests.hospital_events import event_of_nobodys_hospital
from tests.platform import Platform
from tests.resolvers.authorisation_table import CALLERS, SUBSCRIPTIONS
from tests.resolvers.test_authorisation import REFUSALS, called, who

DECLARED = graph._schema.subscription_type


def test_every_subscription_has_its_row() -> None:
    assert DECLARED is not None
    assert sorted(SUBSCRIPTIONS) == sorted(DECLARED.fields)


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("field", sorted(SUBSCRIPTIONS))
async def test_a_subscription_lets_in_whom_the_table_names(platform: Platform, field: str, caller: str) -> None:
    assert DECLARED is not None
    # Whoever is let in to a hospital's events is told one; a silent stream says nothing.
    await event_of_nobodys_hospital(platform)
    settings = Settings()
    context = RequestContext(
        stores=platform.stores,
        zone=settings.zone,
        ring=platform.ring,
        files=file_storage(settings, platform.ring),
        booking=BookingDesk(platform.stores, platform.ring, booking_policy(settings)),
        payments=PaymentDesk(platform.stores),
        caller=who(caller),
        clock=system_clock,
    )
    document = parse(f"subscription {{ {called(field, DECLARED.fields[field])} }}")
    found: Any = subscribe(graph._schema, document, context_value=context)
    results = await found if isawaitable(found) else found
    try:
        first = results if isinstance(results, ExecutionResult) else await anext(results)
    except Refusal as told:
        # By the stream itself: whoever was let in is nobody that the platform knows.
        first = ExecutionResult(None, [GraphQLError("", original_error=told)])
    if not isinstance(results, ExecutionResult):
        await results.aclose()
    causes = [error.original_error for error in first.errors or []]
    refused = [str(each.code) for each in causes if isinstance(each, Refusal) and str(each.code) in REFUSALS]
    assert bool(refused) == (caller not in SUBSCRIPTIONS[field]), first
