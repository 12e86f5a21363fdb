"""One WebSocket from `connection_init` to its close."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

import structlog
from graphql import OperationType
from starlette.types import Receive, Send

from domain.callers import VISITOR, Caller, HospitalSystem, SmsPhoneCaller
from domain.clock import Clock
from domain.identity.access_tokens import ACCESS_LIFETIME, expiry_of
from domain.language import Words
from domain.refusals import Refusal, RefusalCode
from resolvers.exchange import Exchange
from server.http.endpoint import MakeContext
from server.http.errors import ErrorWriter
from server.http.limits import LimitExceeded
from server.http.negotiation import language
from server.http.parameters import Parameters, checked_parameters
from server.http.request_facts import Authenticator
from server.http.trace import Trace, caller_label
from server.websocket import words
from server.websocket.handshake import Handshake
from server.websocket.operations import Operations
from server.websocket.outbox import Outbox
from server.websocket.protocol import ClientMessage, CloseCode, Closed, client_message, server_message
from server.websocket.subscriber import ConnectionSubscriber, RunningOperations

CLOSE_SECONDS = 5.0
"""How long a peer that doesn't read, or an operation that doesn't let go, may hold up the end."""

_log = structlog.get_logger(component="websocket")


@dataclass(frozen=True, slots=True)
class Manners:
    """How connections are treated. Times are in seconds."""

    operations: int
    message_bytes: int
    init_seconds: float = 5.0
    ping_seconds: float = 25.0
    stuck_seconds: float = 30.0
    """How long a peer may take nothing of what is sent to it."""
    queued_messages: int = 100


@dataclass(frozen=True, slots=True)
class Services:
    """What every connection of a process uses."""

    operations: Operations
    authenticate: Authenticator
    make_context: MakeContext
    errors: ErrorWriter
    clock: Clock
    manners: Manners


class Connection:
    """One connection whose handshake was accepted."""

    def __init__(self, handshake: Handshake, services: Services, receive: Receive, send: Send) -> None:
        self.caller: Caller = VISITOR
        self._handshake = handshake
        self._services = services
        self._manners = services.manners
        self._receive = receive
        self._send = send
        self._outbox = Outbox(send, self._judge, most_messages=services.manners.queued_messages)
        self._trace = Trace(request_id=handshake.id, started=time.perf_counter())
        self._trace.language = language(handshake.accept_language)
        self._authorization: str | None = None
        self._expires_at: datetime | None = None
        self._acknowledged = False
        self._running = RunningOperations()
        self._count = 0
        self._last_heard = self._opened = self._last_pinged = time.monotonic()
        self._end: asyncio.Future[Closed | None] = asyncio.get_running_loop().create_future()

    def close(self, code: CloseCode, reason: str) -> None:
        """Begin to close. Only the first call counts."""
        if not self._end.done():
            self._end.set_result(Closed(code, reason))

    def end_credential(self, code: RefusalCode, words: Words) -> None:
        """Close because the credential holds no more."""
        self.close(CloseCode.UNAUTHORIZED, f"{code}: {words.say(self._trace.language)}")

    async def run(self) -> Closed | None:
        """Serve until either side ends it. Then nothing of it runs any more; how this side closed, None if it left."""
        reading = asyncio.create_task(self._guard(self._read))
        try:
            end = await self._end
            if end is not None:
                await self._say_goodbye(end)
            return end
        finally:
            tasks = [reading, *self._running.end_all()]
            for task in tasks:
                task.cancel()
            delivering = self._outbox.stop()
            if delivering is not None:
                tasks.append(delivering)
            await asyncio.wait(tasks, timeout=CLOSE_SECONDS)

    async def _say_goodbye(self, end: Closed) -> None:
        with suppress(TimeoutError, OSError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._send({"type": "websocket.close", "code": int(end.code), "reason": end.reason})

    async def _guard(self, job: Callable[[], Awaitable[None]]) -> None:
        try:
            await job()
        except Exception as error:  # noqa: BLE001 - a fault ends this connection and nothing else
            self._judge(error)

    def _judge(self, error: Exception) -> None:
        """End because of this."""
        if isinstance(error, Closed):
            self.close(error.code, error.reason)
        elif isinstance(error, OSError):
            self._leave()
        else:
            _log.error("fault", connection=self._handshake.id, exc_info=error)
            self.close(CloseCode.INTERNAL, "Internal server error")

    def _leave(self) -> None:
        if not self._end.done():
            self._end.set_result(None)

    async def _read(self) -> None:
        while True:
            event = await self._receive()
            if event["type"] == "websocket.disconnect":
                self._leave()
                return
            self._last_heard = time.monotonic()
            text = event.get("text")
            if text is None:
                raise Closed(CloseCode.BAD_REQUEST, "Invalid message: binary")
            if len(text.encode()) > self._manners.message_bytes:
                raise Closed(CloseCode.MESSAGE_TOO_BIG, f"Message too big: at most {self._manners.message_bytes} bytes")
            await self._take(client_message(text))

    async def _take(self, message: ClientMessage) -> None:
        if message.type == "connection_init":
            await self._initialise(message)
        elif message.type == "ping":
            self._outbox.put(server_message("pong"))
        elif message.type == "subscribe":
            self._subscribe(message)
        elif message.type == "complete":
            task = self._running.end(message.id)
            if task is not None:
                task.cancel()

    async def _initialise(self, message: ClientMessage) -> None:
        if self._acknowledged:
            raise Closed(CloseCode.TOO_MANY_INITS, "Too many initialisation requests")
        given = message.payload.get("authorization")
        accept_language = message.payload.get("acceptLanguage")
        if not isinstance(given, str | None) or not isinstance(accept_language, str | None):
            raise Closed(CloseCode.BAD_REQUEST, "Invalid message: authorization and acceptLanguage must be strings")
        if accept_language is not None:
            self._trace.language = language(accept_language)
        self._authorization = self._handshake.authorization if given is None else given
        try:
            self.caller = await self._services.authenticate(self._handshake.facts(self._authorization))
        except Refusal as refusal:
            reason = f"{refusal.code}: {refusal.say(self._trace.language)}"
            raise Closed(CloseCode.FORBIDDEN, reason) from refusal
        except Exception as error:
            raise self._failure(error) from error
        self._expires_at = self._expiry()
        self._acknowledged = True
        self._outbox.put(server_message("connection_ack"))

    def _expiry(self) -> datetime | None:
        if isinstance(self.caller, HospitalSystem):
            # A signature proves one moment; its connection lasts no longer than a token would.
            return self._services.clock() + ACCESS_LIFETIME
        scheme, _, token = (self._authorization or "").partition(" ")
        return expiry_of(token.strip()) if scheme.lower() == "bearer" and self._is_session() else None

    def _is_session(self) -> bool:
        return hasattr(self.caller, "session_id")

    def _failure(self, error: Exception) -> Closed:
        entry = self._services.errors.failure(error, self._trace)
        down = entry["extensions"]["code"] == RefusalCode.SERVICE_UNAVAILABLE
        return Closed(CloseCode.TRY_AGAIN_LATER if down else CloseCode.INTERNAL, entry["message"])

    def _subscribe(self, message: ClientMessage) -> None:
        if not self._acknowledged:
            raise Closed(CloseCode.UNAUTHORIZED, "Unauthorized")
        if message.id in self._running:
            raise Closed(CloseCode.SUBSCRIBER_EXISTS, f"Subscriber for {message.id} already exists")
        self._count += 1
        trace = Trace(
            request_id=f"{self._handshake.id}.{self._count}",
            started=time.perf_counter(),
            language=self._trace.language,
            caller=caller_label(self.caller),
        )
        try:
            parameters = checked_parameters(message.payload)
        except Refusal as refusal:
            raise Closed(CloseCode.BAD_REQUEST, f"Invalid message: {refusal.say(trace.language)}") from refusal
        most = self._manners.operations
        if len(self._running) >= most:
            excess = LimitExceeded(RefusalCode.TOO_MANY_OPERATIONS, words.TOO_MANY_OPERATIONS, limit=most)
            entry = self._services.errors.refusal(excess, trace)
            self._outbox.put(server_message("error", id=message.id, payload=[entry]))
            return
        task = asyncio.create_task(self._guard(lambda: self._operate(message.id, parameters, trace)))
        self._running.add(message.id, task)

    async def _operate(self, id: str, parameters: Parameters, trace: Trace) -> None:
        structlog.contextvars.bind_contextvars(request_id=trace.request_id)
        this = asyncio.current_task()
        try:
            await self._prove_again()
            subscriber = ConnectionSubscriber(
                id, self.caller, self._running, self._outbox, self._services.make_context, exchange=self._exchange
            )
            try:
                await self._services.operations.run(parameters, trace, subscriber)
            except asyncio.CancelledError:
                subscriber.withdraw()
                raise
        finally:
            if self._running.runs(id, this):
                self._running.end(id)

    async def _prove_again(self) -> None:
        """Each operation starts with the rights of its own moment, as each HTTP request does."""
        if not self._is_session() and not isinstance(self.caller, SmsPhoneCaller):
            return
        try:
            self.caller = await self._services.authenticate(self._handshake.facts(self._authorization))
        except Refusal as refusal:
            raise Closed(CloseCode.UNAUTHORIZED, f"{refusal.code}: {refusal.say(self._trace.language)}") from refusal
        except Exception as error:
            raise self._failure(error) from error

    def _exchange(self, kind: OperationType) -> Exchange:
        # A cookie can't be set here, so whatever would replace one must not be given it.
        cookies = self._handshake.cookie_header if kind is OperationType.SUBSCRIPTION else ""
        return Exchange(self._handshake.address, self._handshake.user_agent, cookies)

    def check(self) -> None:
        """Close if it is time to, and ask for a sign of life now and then. Called again and again."""
        now = time.monotonic()
        try:
            self._check_credential()
            self._check_peer(now)
        except Exception as error:  # noqa: BLE001 - a fault ends this connection and nothing else
            self._judge(error)

    def _check_credential(self) -> None:
        # The injected clock may jump, so it is asked again and again instead of slept through.
        if self._expires_at is not None and self._services.clock() >= self._expires_at:
            self.end_credential(RefusalCode.TOKEN_EXPIRED, words.TOKEN_EXPIRED)

    def _check_peer(self, now: float) -> None:
        if not self._acknowledged and now - self._opened >= self._manners.init_seconds:
            raise Closed(CloseCode.INIT_TIMEOUT, "Connection initialisation timeout")
        if self._outbox.stuck_seconds() > self._manners.stuck_seconds:
            raise Closed(CloseCode.TRY_AGAIN_LATER, "Too slow: nothing was read for too long")
        if now - self._last_pinged >= self._manners.ping_seconds:
            if self._last_heard < self._last_pinged:
                raise Closed(CloseCode.GOING_AWAY, "Going away: a ping was not answered")
            self._last_pinged = now
            self._outbox.put(server_message("ping"))
