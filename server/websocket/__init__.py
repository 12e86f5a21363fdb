"""GraphQL over WebSocket: the `graphql-transport-ws` protocol on the same path as HTTP."""
