"""Which way a message goes: by its kind, and by which ways are well. Pure."""

from collections.abc import Collection

from datasources.sql.sms_message import SmsKind, SmsRoute
from datasources.sql.sms_steps import Share
from domain.sms.policy import SmsPolicy


def shares_of(
    route: SmsRoute, policy: SmsPolicy, well: Collection[SmsRoute], kinds: Collection[SmsKind]
) -> list[Share]:
    """What this route may take now of these kinds, kinds of the same order of routes together."""
    by_order: dict[tuple[SmsRoute, ...], list[SmsKind]] = {}
    for kind in sorted(kinds):
        order = tuple(each for each in policy.routes_of(kind) if each in well)
        if route in order:
            by_order.setdefault(order, []).append(kind)
    return [Share(of_order, order[: order.index(route)], order) for order, of_order in by_order.items()]
