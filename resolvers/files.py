"""Files: brought by signed links, listed, handed out by short links, deleted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from datasources.sql.stored_file import FileOwner, FilePurpose, FileRefusal, FileState, OwnerKind, StoredFile
from datasources.sql.stored_file_reads import FileFilter, StoredFileReads
from domain.audit.actor import Actor
from domain.files.deletion import FileInUse, delete_file
from domain.files.links import FileLink, archive_link, link_for_review, link_to
from domain.files.owners import may_know_of, owner_of
from domain.files.settling import inspect_upload
from domain.files.uploads import TicketAnswer, TooManyFiles, UploadRequest, request_upload
from domain.global_id import NodeKind, global_id, node_reference
from domain.language import Words
from domain.page import Page, page_of
from domain.paging import decode_cursor, encode_cursor, page_size
from domain.problems import InvalidInput, NotFound
from domain.refusals import Refusal, RefusalCode
from resolvers.context import RequestContext

_LIST = "files"
_NOT_A_FILE = Words("“{id}”不是文件的 id。", "“{id}” is not the id of a file.")
_NOT_AN_OWNER = Words("“{id}”不是用户或工作人员的 id。", "“{id}” is not the id of a user or a staff member.")
_BAD_CURSOR = Words("游标不属于这个列表。", "This cursor does not belong to this list.")
_TOO_MANY = Words(
    "这种文件最多 {most} 个；请先删除不用的。", "There may be {most} such files at a time; delete one you do not need."
)
_IN_USE = Words(
    "文件正在检查，或正用于待审核的申请，暂不能删除；请在其结束后再试。",
    "The file is being inspected, or used by what waits for a decision, so it stays; try again once that is over.",
)
_REFUSALS = {
    FileRefusal.NEVER_ARRIVED: Words("文件没有在期限内传到。", "Nothing arrived in time."),
    FileRefusal.WRONG_SIZE: Words("文件大小与申报的不符。", "It is not as large as was announced."),
    FileRefusal.UNKNOWN_FORMAT: Words("不是可识别的图片或文件。", "It is no picture or document of a known kind."),
    FileRefusal.OTHER_FORMAT: Words("文件内容与申报的类型不符。", "It is of another kind than was announced."),
    FileRefusal.HEIC: Words(
        "不支持 HEIC 照片。请在 iPhone 的“设置 › 相机 › 格式”选“兼容性最佳”后重拍，或先转为 JPEG。",
        "It is a HEIC photograph. On an iPhone choose Settings › Camera › Formats › Most Compatible and take it again,"
        " or convert it to JPEG.",
    ),
    FileRefusal.TOO_MANY_PIXELS: Words("图片像素过多，请缩小后再传。", "It has too many pixels; make it smaller."),
    FileRefusal.UNREADABLE: Words("文件已损坏或不完整。", "It is broken or not whole."),
    FileRefusal.ACTIVE_CONTENT: Words(
        "PDF 含脚本、附件或自动动作，请另存为普通 PDF。",
        "The PDF holds scripts, attachments or actions; save it as a plain one.",
    ),
}


@dataclass(frozen=True, slots=True)
class Confirmed:
    """An upload that was looked at."""

    file: StoredFile


@dataclass(frozen=True, slots=True)
class Deleted:
    """A file that is no more."""

    file: StoredFile


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list of files asks for."""

    owner: str | None = None
    purpose: FilePurpose | None = None
    state: FileState | None = None
    created_from: datetime | None = None
    created_before: datetime | None = None


async def request(
    context: RequestContext, purpose: FilePurpose, content_type: str, size: int, idempotency_key: str | None
) -> TicketAnswer:
    """A ticket for one upload."""
    owner = owner_of(context.caller)
    asked = UploadRequest(owner, purpose, content_type.strip().lower(), size, idempotency_key, context.clock())
    return await request_upload(context.stores, context.files, asked)


async def confirm(context: RequestContext, id: str) -> Confirmed | InvalidInput | NotFound:
    """Inspect what was uploaded."""
    answer = await inspect_upload(
        context.stores, context.files, file_key(id), context.clock(), owner=owner_of(context.caller)
    )
    return Confirmed(answer) if isinstance(answer, StoredFile) else answer


async def delete(context: RequestContext, id: str) -> Deleted | FileInUse | NotFound:
    """Delete a file."""
    answer = await delete_file(context.stores, context.files, context.caller, actor_of(context), file_key(id))
    return Deleted(answer) if isinstance(answer, StoredFile) else answer


async def link(context: RequestContext, id: str, *, inline: bool) -> FileLink | None:
    """A link to a file that the caller may read."""
    return await link_to(context.stores, context.files, context.caller, actor_of(context), file_key(id), inline=inline)


async def review_link(context: RequestContext, id: str, reason: str) -> FileLink | InvalidInput | NotFound:
    """A link to somebody's identity picture, on record."""
    return await link_for_review(context.stores, context.files, actor_of(context), file_key(id), reason)


async def archive(context: RequestContext, ids: Sequence[str]) -> FileLink:
    """A link to many files; refused (BAD_REQUEST) when one of them is not there for the caller."""
    keys = [file_key(id) for id in ids]
    answer = await archive_link(context.stores, context.files, context.caller, actor_of(context), keys)
    if isinstance(answer, InvalidInput):
        first = answer.fields[0]
        raise Refusal(RefusalCode.BAD_REQUEST, first.words, **first.values)
    return answer


async def known_file(context: RequestContext, key: str) -> StoredFile | None:
    """The file by its key, for who may know of it."""
    try:
        id = UUID(key)
    except ValueError:
        return None
    async with context.stores.sql.read() as session:
        file = await StoredFileReads(session).by_id(id)
    visible = file is not None and file.state != FileState.DELETED and may_know_of(context.caller, file)
    return file if visible else None


async def my_files(context: RequestContext, wanted: Wanted, *, first: int, after: str | None) -> Page[StoredFile]:
    """The caller's own files, the latest first."""
    return await _page(context, wanted, owner_of(context.caller), first=first, after=after)


async def all_files(context: RequestContext, wanted: Wanted, *, first: int, after: str | None) -> Page[StoredFile]:
    """Everybody's files, or one owner's."""
    return await _page(context, wanted, _owner(wanted.owner), first=first, after=after)


def file_key(id: str) -> UUID:
    """The file that a global id names. Refused (BAD_ID) when it names something else."""
    reference = node_reference(id)
    try:
        if reference.kind is NodeKind.FILE:
            return UUID(reference.key)
    except ValueError as error:
        raise Refusal(RefusalCode.BAD_ID, _NOT_A_FILE, id=id[:80]) from error
    raise Refusal(RefusalCode.BAD_ID, _NOT_A_FILE, id=id[:80])


def owner_id(file: StoredFile) -> str:
    """The global id of whose file it is."""
    return global_id(NodeKind.USER if file.owner_kind == OwnerKind.USER else NodeKind.STAFF, file.owner_id)


def refusal_message(context: RequestContext, file: StoredFile) -> str | None:
    """Why the file was not taken, and what to do."""
    return None if file.refusal is None else _REFUSALS[FileRefusal(file.refusal)].say(context.language)


def too_many(context: RequestContext, problem: TooManyFiles) -> str:
    """How many there may be."""
    return _TOO_MANY.say(context.language, most=problem.most)


def in_use(context: RequestContext, _problem: FileInUse) -> str:
    """Why it stays."""
    return _IN_USE.say(context.language)


def actor_of(context: RequestContext) -> Actor:
    """The caller, as the audit log names them."""
    return Actor.of(context.caller, context.clock(), address=context.exchange.address, request_id=context.request_id)


async def _page(
    context: RequestContext, wanted: Wanted, owner: FileOwner | None, *, first: int, after: str | None
) -> Page[StoredFile]:
    size = page_size(first)
    filter = FileFilter(owner, wanted.purpose, wanted.state, wanted.created_from, wanted.created_before)
    keys = decode_cursor(_LIST, after, 2)
    before = None
    if keys is not None:
        try:
            before = datetime.fromisoformat(keys[0]), UUID(keys[1])
        except ValueError as error:
            raise Refusal(RefusalCode.BAD_CURSOR, _BAD_CURSOR) from error
    async with context.stores.sql.read() as session:
        found = await StoredFileReads(session).page(filter, limit=size + 1, before=before)
    return page_of(found, size, continued=after is not None, cursor=_cursor, count=lambda: _count(context, filter))


def _cursor(file: StoredFile) -> str:
    return encode_cursor(_LIST, [file.created_at.isoformat(), str(file.id)])


async def _count(context: RequestContext, filter: FileFilter) -> int:
    async with context.stores.sql.read() as session:
        return await StoredFileReads(session).count(filter)


def _owner(id: str | None) -> FileOwner | None:
    if id is None:
        return None
    reference = node_reference(id)
    kinds = {NodeKind.USER: OwnerKind.USER, NodeKind.STAFF: OwnerKind.STAFF}
    try:
        return FileOwner(kinds[reference.kind], UUID(reference.key))
    except (KeyError, ValueError) as error:
        raise Refusal(RefusalCode.BAD_ID, _NOT_AN_OWNER, id=id[:80]) from error
