"""Node: whatever has a global id."""

import strawberry


@strawberry.interface(description="Anything with a global id; found again by `node(id:)`.")
class Node:
    id: strawberry.ID = strawberry.field(description="Global, opaque id.")
