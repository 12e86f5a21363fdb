"""How a file begins: limits are checked, a row names its object, and a signed link takes the bytes."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from uuid_utils.compat import uuid7

from datasources.sql.stored_file import FileOwner, FilePurpose, FileState, StoredFile, StoredFiles
from datasources.sql.stored_file_reads import StoredFileReads
from datasources.storage.file_storage import FileStorage
from datasources.storage.object_store import LINK_SECONDS, SignedUpload, new_object_key
from datasources.stores import Stores
from domain.files.purposes import HEIC_TYPES, MEBIBYTE, RULES
from domain.language import Words
from domain.patients.consent import ConsentNeeded, consent_lacking
from domain.problems import FieldProblem, IdempotencyKeyReused, InvalidInput, ProblemCode

MAX_KEY_LENGTH = 128
PATH = "/files"

_ONLY_MADE = Words("这种文件只由平台生成。", "Only the platform makes such files.")
_NOT_YOURS = Words("您的账号不能上传这种文件。", "Your kind of account does not upload such files.")
_HEIC = Words(
    "不支持 HEIC 照片。请在 iPhone 的“设置 › 相机 › 格式”选“兼容性最佳”后重拍，或先转为 JPEG。",
    "HEIC photographs are not taken. On an iPhone choose Settings › Camera › Formats › Most Compatible and take it"
    " again, or convert it to JPEG.",
)
_TYPE = Words("只接受这些类型：{types}。", "Only these types are taken: {types}.")
_SIZE = Words("须在 1 字节与 {most} MB 之间。", "It must lie between 1 byte and {most} MiB.")
_KEY = Words("须为 1 至 {most} 个字符。", "Use 1 to {most} characters.")


@dataclass(frozen=True, slots=True)
class UploadRequest:
    """What somebody wants to upload."""

    owner: FileOwner
    purpose: FilePurpose
    content_type: str
    size: int
    idempotency_key: str | None
    now: datetime


@dataclass(frozen=True, slots=True)
class UploadTicket:
    """Where to bring the file."""

    file_id: UUID
    upload: SignedUpload


@dataclass(frozen=True, slots=True)
class TooManyFiles:
    """The owner has as many files of the purpose as may stand at a time."""

    most: int


TicketAnswer = UploadTicket | InvalidInput | TooManyFiles | ConsentNeeded | IdempotencyKeyReused


async def request_upload(stores: Stores, files: FileStorage, request: UploadRequest) -> TicketAnswer:
    """A ticket for one upload of this type and size. The same idempotency key answers the same file again."""
    problems = _problems(request)
    if problems:
        return InvalidInput(problems)
    rule = RULES[request.purpose]
    expires = request.now + timedelta(seconds=LINK_SECONDS)
    async with stores.sql.unit_of_work() as session:
        reads, changes = StoredFileReads(session), StoredFiles(session)
        await changes.lock_owner(request.owner)
        if rule.consent is not None:
            lacking = await consent_lacking(session, request.owner.id, rule.consent)
            if lacking is not None:
                return lacking
        if request.idempotency_key is not None:
            earlier = await reads.by_idempotency_key(request.owner, request.idempotency_key)
            if earlier is not None:
                same = (earlier.purpose, earlier.content_type, earlier.size) == (
                    request.purpose,
                    request.content_type,
                    request.size,
                )
                if not same or not await changes.extend_upload(earlier.id, expires):
                    return IdempotencyKeyReused(request.idempotency_key)
                return UploadTicket(earlier.id, _signed(files, earlier, request))
        if await reads.live_count(request.owner, request.purpose) >= rule.most_files:
            return TooManyFiles(rule.most_files)
        file = StoredFile(
            id=uuid7(),
            owner_kind=request.owner.kind,
            owner_id=request.owner.id,
            purpose=request.purpose,
            state=FileState.UPLOADING,
            content_type=request.content_type,
            size=request.size,
            upload_key=new_object_key(),
            idempotency_key=request.idempotency_key,
            created_at=request.now,
            upload_expires_at=expires,
        )
        if rule.sealed:
            file.wrapped_key = files.envelopes.new_key(f"stored_file:{file.id}")
        await changes.add(file)
    return UploadTicket(file.id, _signed(files, file, request))


def upload_path(id: UUID) -> str:
    """Where this server takes a file that it must seal before a store sees it."""
    return f"{PATH}/{id}"


def _signed(files: FileStorage, file: StoredFile, request: UploadRequest) -> SignedUpload:
    subject = str(request.owner.id)
    if file.wrapped_key is not None:
        terms = {"type": file.content_type, "size": str(file.size)}
        url = files.links.make("PUT", upload_path(file.id), terms, now=request.now, subject=subject)
        expires = request.now + timedelta(seconds=LINK_SECONDS)
        return SignedUpload(url, {"Content-Type": file.content_type}, expires)
    if file.upload_key is None:
        raise ValueError(f"{file.id} takes no upload any more")
    return files.private.presign_put(
        file.upload_key, content_type=file.content_type, size=file.size, now=request.now, subject=subject
    )


def _problems(request: UploadRequest) -> list[FieldProblem]:
    rule = RULES[request.purpose]
    if not rule.content_types:
        return [FieldProblem("purpose", ProblemCode.OUT_OF_RANGE, _ONLY_MADE)]
    if request.owner.kind not in rule.owners:
        return [FieldProblem("purpose", ProblemCode.OUT_OF_RANGE, _NOT_YOURS)]
    problems = []
    if request.content_type in HEIC_TYPES:
        problems.append(FieldProblem("contentType", ProblemCode.OUT_OF_RANGE, _HEIC))
    elif request.content_type not in rule.content_types:
        values = {"types": ", ".join(sorted(rule.content_types))}
        problems.append(FieldProblem("contentType", ProblemCode.OUT_OF_RANGE, _TYPE, values))
    if not 1 <= request.size <= rule.most_bytes:
        values = {"most": str(rule.most_bytes // MEBIBYTE)}
        problems.append(FieldProblem("size", ProblemCode.OUT_OF_RANGE, _SIZE, values))
    if request.idempotency_key is not None and not 1 <= len(request.idempotency_key) <= MAX_KEY_LENGTH:
        problems.append(FieldProblem("idempotencyKey", ProblemCode.TOO_LONG, _KEY, {"most": MAX_KEY_LENGTH}))
    return problems
