"""The rules of the business (pure) and the use cases that resolvers and jobs share."""
