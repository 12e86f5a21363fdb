"""Which telephone a token belongs to."""

from collections.abc import Iterable

from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.sms_phones import SmsPhones
from domain.callers import SmsPhoneCaller
from domain.language import Words
from domain.refusals import Refusal, RefusalCode
from domain.sms.phones.secrets import enrolment_id, token_hash

_INVALID = Words(
    "短信手机的令牌无效或已吊销，请管理员重新出码接入。",
    "The telephone's token is wrong or was revoked; an administrator can enrol it anew.",
)


async def phone_of(session: AsyncSession, token: str) -> SmsPhoneCaller:
    """The telephone. Refused (TOKEN_INVALID) when no telephone has this token (any more)."""
    hashed = token_hash(token)
    phone = await SmsPhones(session).by_token_hash(hashed)
    if phone is None:
        raise Refusal(RefusalCode.TOKEN_INVALID, _INVALID)
    return SmsPhoneCaller(phone.id, enrolment_id(hashed))


async def live_phones(session: AsyncSession, callers: Iterable[SmsPhoneCaller]) -> frozenset[SmsPhoneCaller]:
    """Those of them whose token still holds."""
    asked = list(callers)
    hashes = await SmsPhones(session).token_hashes([each.phone_id for each in asked])
    return frozenset(
        each for each in asked if each.phone_id in hashes and enrolment_id(hashes[each.phone_id]) == each.enrolment_id
    )
