"""Which subscriptions are executed once for many subscribers."""

from enum import Enum

SHARING = "sharing"
"""Under this key in a subscription field's Strawberry metadata."""


class Sharing(Enum):
    """Among whom. Only a field whose events are whole states can be shared: who joins gets the latest one, and who
    reads slowly is spared those between."""

    NOBODY = "NOBODY"
    """Each subscriber has a source of its own and gets every event."""
    CALLER = "CALLER"
    """All sockets of one caller's session."""
    EVERYBODY = "EVERYBODY"
    """All subscribers, executed as a visitor: where the field is public, whatever is selected below it is too, or
    the selection is shared among one caller's sockets only."""
