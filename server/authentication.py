"""Who is calling, decided once at the front door."""

from datasources.sealing import KeyRing
from datasources.stores import Stores
from domain.callers import VISITOR, Caller
from domain.clock import Clock, system_clock
from domain.identity.sessions import caller_of
from domain.integration.verification import SignedRequest, Verifier
from domain.sms.phones.proving import phone_of
from domain.sms.phones.secrets import TOKEN_PREFIX
from server.http.request_facts import RequestFacts


class Authentication:
    """The front door's `Authenticator`. One per process; close it before its stores."""

    def __init__(self, stores: Stores, ring: KeyRing, *, clock: Clock = system_clock) -> None:
        self._verifier = Verifier(stores, ring, clock=clock)
        self._stores = stores
        self._ring = ring
        self._clock = clock

    async def __call__(self, request: RequestFacts) -> Caller:
        """No Authorization: a visitor. An access token whose session runs: the user or staff member. A telephone's
        token: that telephone. A signature that holds: the hospital's system. Anything else is refused.

        A proof that doesn't hold never falls back to a visitor: its sender believes to be somebody.
        """
        if request.authorization is None:
            return VISITOR
        scheme, _, token = request.authorization.partition(" ")
        if scheme.lower() == "bearer" and token.strip().startswith(TOKEN_PREFIX):
            async with self._stores.sql.read() as session:
                return await phone_of(session, token.strip())
        if scheme.lower() == "bearer":
            return await caller_of(self._stores.sql, self._ring, token.strip(), self._clock())
        return await self._verifier.prove(
            SignedRequest(
                method=request.method,
                target=request.target,
                authorization=request.authorization,
                body=request.body,
            )
        )

    async def close(self) -> None:
        """Finish what was begun in the background."""
        await self._verifier.last_uses.settle()
