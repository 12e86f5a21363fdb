"""Proves that a signed request comes from the hospital system that it names, is whole, is new and comes once."""

from dataclasses import dataclass

from datasources.cache.nonces import Nonces
from datasources.sealing import KeyRing
from datasources.stores import Stores
from domain.callers import HospitalSystem
from domain.clock import Clock, system_clock
from domain.integration.authorization_header import parse_authorization
from domain.integration.known_keys import KnownKeys
from domain.integration.last_use import LastUses
from domain.integration.signature import check_time, signature_holds
from domain.language import Words
from domain.refusals import Refusal, RefusalCode

_UNKNOWN = Words(
    "没有编号为 {key_id} 的集成密钥。请核对 Credential，或请平台管理员签发密钥。",
    "There is no integration key {key_id}. Check Credential, or have the platform's administrator issue a key.",
)
_WRONG = Words(
    "签名不正确。请检查密钥，并确认签名所用的方法、路径（含查询串）和正文与实际发送的逐字节一致。",
    "The signature is wrong. Check the secret, and that the method, the path with its query string and the body "
    "were signed byte for byte as they were sent.",
)
_REVOKED = Words(
    "集成密钥 {key_id} 已被吊销。请改用另一个有效密钥，或请平台管理员签发新密钥。",
    "The integration key {key_id} was revoked. Use your other live key, or have the platform's administrator "
    "issue a new one.",
)
_REPLAYED = Words(
    "该 Nonce 已经用过：每个请求（包括重试）都要使用新的 Nonce 重新签名。",
    "This Nonce was used before: sign each request, a repeated one too, with a fresh Nonce.",
)
_NOBODYS_SECRET = bytes(43)


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """A request that claims to be signed, exactly as it was sent."""

    method: str
    target: str
    """The path with its query string, percent-encoding untouched."""
    authorization: str
    body: bytes


class Verifier:
    """One per process: it remembers keys for a few seconds."""

    def __init__(self, stores: Stores, ring: KeyRing, *, clock: Clock = system_clock) -> None:
        self.keys = KnownKeys(stores.sql, ring)
        self.last_uses = LastUses(stores.sql)
        self._nonces = Nonces(stores.redis)
        self._clock = clock

    async def prove(self, request: SignedRequest) -> HospitalSystem:
        """The hospital system that signed this request.

        Raises Refusal, in this order: UNAUTHENTICATED (another scheme), SIGNATURE_MALFORMED, SIGNATURE_EXPIRED,
        KEY_UNKNOWN, SIGNATURE_WRONG, KEY_REVOKED, NONCE_REPLAYED. Raises the store's own error when PostgreSQL or
        Redis can't be asked; nothing is ever accepted unchecked.
        """
        proof = parse_authorization(request.authorization)
        now = self._clock()
        check_time(proof.timestamp, now)
        key = await self.keys.find(proof.key_id)
        # An unknown key costs the same work, so the time that an answer takes tells nothing that its code doesn't.
        secret = _NOBODYS_SECRET if key is None else key.secret.get_secret_value()
        holds = signature_holds(proof, secret, method=request.method, target=request.target, body=request.body)
        if key is None:
            raise Refusal(RefusalCode.KEY_UNKNOWN, _UNKNOWN, key_id=proof.key_id)
        if not holds:
            raise Refusal(RefusalCode.SIGNATURE_WRONG, _WRONG)
        # Only whoever holds the secret learns that it was revoked.
        if key.has_ended(now):
            raise Refusal(RefusalCode.KEY_REVOKED, _REVOKED, key_id=proof.key_id)
        # Last, so that nobody can use up the nonces of requests that they didn't sign.
        if not await self._nonces.spend(proof.key_id, proof.nonce):
            raise Refusal(RefusalCode.NONCE_REPLAYED, _REPLAYED)
        self.last_uses.note(proof.key_id, now)
        return HospitalSystem(key.hospital_code, proof.key_id)
