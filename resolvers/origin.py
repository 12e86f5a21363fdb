"""Where an operation comes from, as sessions and the audit log keep it."""

from domain.identity.accounts import Origin
from resolvers.context import RequestContext

_LONGEST_DEVICE = 200


def origin_of(context: RequestContext, device: str = "") -> Origin:
    """The origin of this operation. Without a device's name, the browser's own word for itself stands for it."""
    return Origin(
        at=context.clock(),
        address=context.exchange.address,
        request_id=context.request_id,
        device=" ".join((device or context.exchange.user_agent).split())[:_LONGEST_DEVICE],
    )
