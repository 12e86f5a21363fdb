"""The export of one's own data: asked for with a code by text message, watched, and fetched as a file."""

from dataclasses import dataclass
from functools import partial
from uuid import UUID

from datasources.sql.data_export import DataExport, DataExports
from datasources.sql.stored_file import FileOwner, FileState, OwnerKind, StoredFile
from datasources.sql.stored_file_reads import StoredFileReads
from domain.callers import SignedInUser
from domain.exports.request import TooManyExports, request_export
from domain.identity.login_codes import CodePurpose, CodeSent, TooManyCodes, TooManyTries, WrongCode
from domain.identity.sessions import SessionEnded
from domain.language import Words
from domain.problems import FieldProblem, InvalidInput, ProblemCode
from domain.refusals import Refusal, RefusalCode
from resolvers.audit import actor
from resolvers.context import RequestContext
from resolvers.own_phone import own_phone, prove_own_code, send_own_code
from resolvers.sign_in import proof_of

MOST_LISTED = 20

_SIGN_IN = Words("请先登录。", "Sign in first.")
_CONFIRM = Words("请以 confirm: true 确认。", "Confirm by confirm: true.")
_TOO_MANY = Words(
    "每 24 小时最多导出一次，{at} 之后可再次导出。", "There is one export in 24 hours; ask again after {at}."
)


@dataclass(frozen=True, slots=True)
class ExportView:
    """An export and, while it is there, its file."""

    export: DataExport
    file: StoredFile | None


@dataclass(frozen=True, slots=True)
class ExportRequested:
    """An export that is under way."""

    export: ExportView


CodeAnswer = CodeSent | TooManyCodes | InvalidInput | SessionEnded
RequestAnswer = ExportRequested | TooManyExports | WrongCode | TooManyTries | InvalidInput | SessionEnded


async def request_code(context: RequestContext, *, confirm: bool) -> CodeAnswer:
    """Send a code for this one purpose to the caller's own phone."""
    if not confirm:
        return InvalidInput([FieldProblem("confirm", ProblemCode.MISSING, _CONFIRM)])
    return await send_own_code(context, _own_id(context), CodePurpose.EXPORT)


async def request(context: RequestContext, challenge_id: str, code: str) -> RequestAnswer:
    """Begin an export of the caller's own data, once the code is right."""
    user_id = _own_id(context)
    proof = proof_of(challenge_id, code)
    if isinstance(proof, FieldProblem):
        return InvalidInput([proof])
    phone = await own_phone(context, user_id)
    if phone is None:
        return SessionEnded()

    answer: DataExport | TooManyExports | WrongCode | TooManyTries = await request_export(
        context.stores, actor(context), user_id, partial(prove_own_code, context, phone, CodePurpose.EXPORT, proof)
    )
    if isinstance(answer, DataExport):
        return ExportRequested(ExportView(answer, None))
    return answer


async def own_exports(context: RequestContext) -> list[ExportView]:
    """The caller's own exports, the latest first."""
    user_id = _own_id(context)
    async with context.stores.sql.read() as session:
        exports = await DataExports(session).of_user(user_id, limit=MOST_LISTED)
        ids = [each.file_id for each in exports if each.file_id is not None]
        files = await StoredFileReads(session).by_ids(ids, owner=FileOwner(OwnerKind.USER, user_id))
    ready = {id: file for id, file in files.items() if file.state == FileState.READY}
    return [ExportView(each, None if each.file_id is None else ready.get(each.file_id)) for each in exports]


def of_too_many(context: RequestContext, problem: TooManyExports) -> str:
    """When the next may be asked for."""
    at = problem.next_at.astimezone(context.zone)
    return _TOO_MANY.say(context.language, at=f"{at:%Y-%m-%d %H:%M}")


def _own_id(context: RequestContext) -> UUID:
    if not isinstance(context.caller, SignedInUser):
        raise Refusal(RefusalCode.UNAUTHENTICATED, _SIGN_IN)
    return context.caller.user_id
