"""A hospital's managers set their webhook, change its secret, try it, and have dead deliveries sent again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from pydantic import SecretStr

from datasources.hospitals.target import LONGEST_URL, TargetRefused, resolved, target_of
from datasources.hospitals.webhook_sender import Posted
from datasources.sql.audit_entry import AuditLog
from datasources.sql.hospital_event import HospitalEvents
from datasources.sql.hospital_webhook import HospitalWebhook, HospitalWebhooks, WebhookDeliveries
from domain.audit.actor import Actor
from domain.hospitals.delivering import Postman
from domain.hospitals.webhook_body import ping_body
from domain.hospitals.webhook_retries import LIVES
from domain.hospitals.webhook_secrets import new_secret, sealed, sealed_as_old, secrets_in_force
from domain.hospitals.webhook_signature import signed_headers
from domain.language import Words
from domain.problems import FieldProblem, InvalidInput, NotFound, ProblemCode

MOST_OVERLAP_HOURS = 7 * 24
MOST_REPLAYED = 1_000

_OVERLAP = Words("须为 0 至 {most} 小时。", "It must be 0 to {most} hours.")
_TOO_MANY = Words("一次至多 {most} 个。", "At most {most} at once.")
_REFUSED = {
    "TOO_LONG": Words("网址至多 {most} 个字符。", "A URL has at most {most} characters."),
    "SCHEME": Words("须为 https:// 开头的网址。", "It must be a URL that begins with https://."),
    "MALFORMED": Words(
        "网址不正确：不可含用户名、# 或空格。", "This is no URL as it must be: without a user name, # or spaces."
    ),
    "NAME_NOT_FOUND": Words("找不到该主机名。", "No server has this name."),
    "PRIVATE_ADDRESS": Words(
        "该主机的地址不对公网开放，平台不会调用。",
        "The server's address is not a public one; the platform does not call it.",
    ),
}
_CODES = {"TOO_LONG": ProblemCode.TOO_LONG, "PRIVATE_ADDRESS": ProblemCode.OUT_OF_RANGE}


@dataclass(frozen=True, slots=True)
class WebhookSet:
    """The webhook as it now is."""

    webhook: HospitalWebhook
    secret: SecretStr | None
    """For a webhook that was not there before: the only moment at which anyone sees it."""


@dataclass(frozen=True, slots=True)
class SecretRotated:
    """The webhook has a new secret."""

    webhook: HospitalWebhook
    secret: SecretStr


@dataclass(frozen=True, slots=True)
class WebhookRemoved:
    """The hospital has no webhook any more."""

    url: str


@dataclass(frozen=True, slots=True)
class WebhookPinged:
    """What came of a try."""

    posted: Posted
    milliseconds: int


@dataclass(frozen=True, slots=True)
class DeliveriesReplayed:
    """So many dead deliveries wait again."""

    count: int


async def set_webhook(postman: Postman, hospital_code: str, url: str, actor: Actor) -> WebhookSet | InvalidInput:
    """Have this URL called for every event from now on, in place of any other."""
    try:
        await resolved(target_of(url, postman.sender.policy), postman.sender.policy)
    except TargetRefused as refused:
        code = _CODES.get(refused.why, ProblemCode.MALFORMED)
        return InvalidInput([FieldProblem("url", code, _REFUSED[refused.why], {"most": LONGEST_URL})])
    secret = new_secret()
    async with postman.sql.read() as session:
        last = await HospitalEvents(session).number(hospital_code)
    async with postman.sql.unit_of_work() as session:
        webhooks = HospitalWebhooks(session)
        added = await webhooks.add(
            HospitalWebhook(
                hospital_code=hospital_code,
                url=url,
                sealed_secret=sealed(postman.ring, hospital_code, secret),
                queued_sequence=last,
                created_at=actor.now,
                updated_at=actor.now,
            )
        )
        if not added:
            # What failed at the old address is tried at the new one at once.
            await webhooks.change(
                hospital_code, {"url": url, "updated_at": actor.now, "failures": 0, "resume_at": None}
            )
        await AuditLog(session).append(actor.act("WEBHOOK_SET", "hospital", hospital_code, detail={"url": url}))
        webhook = await webhooks.get(hospital_code)
    assert webhook is not None
    return WebhookSet(webhook, secret if added else None)


async def rotate_secret(
    postman: Postman, hospital_code: str, overlap_hours: int, actor: Actor
) -> SecretRotated | NotFound | InvalidInput:
    """Give the webhook a new secret. For so many hours calls carry signatures by both."""
    if not 0 <= overlap_hours <= MOST_OVERLAP_HOURS:
        most = {"most": MOST_OVERLAP_HOURS}
        return InvalidInput([FieldProblem("overlapHours", ProblemCode.OUT_OF_RANGE, _OVERLAP, most)])
    secret = new_secret()
    async with postman.sql.unit_of_work() as session:
        webhooks = HospitalWebhooks(session)
        before = await webhooks.get(hospital_code, for_change=True)
        if before is None:
            return NotFound()
        values = {
            "sealed_old_secret": sealed_as_old(postman.ring, before),
            "old_secret_until": actor.now + timedelta(hours=overlap_hours),
            "sealed_secret": sealed(postman.ring, hospital_code, secret),
            "updated_at": actor.now,
        }
        await webhooks.change(hospital_code, values)
        await AuditLog(session).append(actor.act("WEBHOOK_SECRET_ROTATED", "hospital", hospital_code))
        return SecretRotated(before, secret)


async def remove_webhook(postman: Postman, hospital_code: str, url: str, actor: Actor) -> WebhookRemoved | NotFound:
    """Call this URL no more. What waited for it is only in the log of events from now on."""
    async with postman.sql.unit_of_work() as session:
        if not await HospitalWebhooks(session).remove(hospital_code, url):
            return NotFound()
        await AuditLog(session).append(actor.act("WEBHOOK_REMOVED", "hospital", hospital_code, detail={"url": url}))
        return WebhookRemoved(url)


async def ping_webhook(postman: Postman, hospital_code: str, url: str, actor: Actor) -> WebhookPinged | NotFound:
    """Call the webhook with nothing to tell, signed as everything is."""
    async with postman.sql.read() as session:
        webhook = await HospitalWebhooks(session).get(hospital_code)
    if webhook is None or webhook.url != url:
        return NotFound()
    id = str(uuid4())
    body = ping_body(id, hospital_code, actor.now)
    headers = signed_headers(id, actor.now, body, secrets_in_force(postman.ring, webhook, actor.now))
    began = postman.clock()
    async with postman.sender.line() as line:
        posted = await line.post(webhook.url, body, headers)
    took = round((postman.clock() - began).total_seconds() * 1000)
    async with postman.sql.unit_of_work() as session:
        act = actor.act("WEBHOOK_PINGED", "hospital", hospital_code, result=posted.fault or "DONE")
        await AuditLog(session).append(act)
    return WebhookPinged(posted, took)


async def replay_deliveries(
    postman: Postman, hospital_code: str, sequences: Sequence[int] | None, actor: Actor
) -> DeliveriesReplayed | NotFound | InvalidInput:
    """Let deliveries that were given up be tried for another day: those of these events, or all."""
    if sequences is not None and len(sequences) > MOST_REPLAYED:
        problem = FieldProblem("sequences", ProblemCode.TOO_LONG, _TOO_MANY, {"most": MOST_REPLAYED})
        return InvalidInput([problem])
    async with postman.sql.unit_of_work() as session:
        if await HospitalWebhooks(session).get(hospital_code) is None:
            return NotFound()
        deliveries = WebhookDeliveries(session)
        count = await deliveries.replay(hospital_code, sequences, actor.now, actor.now + LIVES)
        if count:
            detail = {"count": count}
            act = actor.act("WEBHOOK_REPLAYED", "hospital", hospital_code, detail=detail)
            await AuditLog(session).append(act)
        return DeliveriesReplayed(count)
