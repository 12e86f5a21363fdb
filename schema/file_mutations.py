"""How files are brought, viewed for review, and deleted."""

from collections.abc import Awaitable
from datetime import datetime
from typing import Annotated

import strawberry

from datasources.sql.stored_file import FilePurpose
from domain.files.deletion import FileInUse as FileInUseRecord
from domain.files.links import FileLink as FileLinkRecord
from domain.files.uploads import TicketAnswer
from domain.files.uploads import TooManyFiles as TooManyFilesRecord
from domain.files.uploads import UploadTicket as UploadTicketRecord
from domain.global_id import NodeKind, global_id
from domain.permissions import Permission
from domain.problems import InvalidInput as InvalidInputRecord
from domain.problems import NotFound as NotFoundRecord
from domain.problems import ProblemCode
from resolvers import files
from schema.binding import Context, mutates, of, on
from schema.file import File, FileLink
from schema.patient_problems import ConsentNeeded
from schema.permissions import IsUserOrStaff, may
from schema.problems import IdempotencyKeyReused, InvalidInput, NotFound, Problem


@strawberry.type(description="A header to send.")
class HttpHeader:
    name: str = strawberry.field(description="Its name.")
    value: str = strawberry.field(description="Its value, to be sent exactly.")


@strawberry.type(description="Where and how to bring the file; then `confirmUpload`.")
class UploadTicket:
    file_id: strawberry.ID = strawberry.field(
        resolver=of(lambda ticket: global_id(NodeKind.FILE, ticket.file_id)), description="Global id of the file to be."
    )
    url: str = strawberry.field(
        resolver=of(lambda ticket: ticket.upload.url),
        description="An absolute URL, or a path on the graph's own origin. It takes one upload of exactly the size and"
        " type that were announced.",
    )
    method: str = strawberry.field(resolver=of(lambda _: "PUT"), description="The HTTP method: PUT.")
    headers: list[HttpHeader] = strawberry.field(
        resolver=of(lambda ticket: [HttpHeader(name=k, value=v) for k, v in ticket.upload.headers.items()]),
        description="Headers to send beside Content-Length. The body is the file itself.",
    )
    expires_at: datetime = strawberry.field(
        resolver=of(lambda ticket: ticket.upload.expires_at), description="Until when the upload may begin."
    )

    @classmethod
    def is_type_of(cls, value: object, info: Context) -> bool:
        return isinstance(value, UploadTicketRecord)


@strawberry.type(description="The owner has as many such files as there may be at a time; nothing was begun.")
class TooManyFiles(Problem):
    message: str = strawberry.field(resolver=on(files.too_many), description="How many there may be, and what to do.")
    code: ProblemCode = strawberry.field(
        resolver=of(lambda _: ProblemCode.TOO_MANY_FILES), description="TOO_MANY_FILES."
    )
    most: int = strawberry.field(description="Files of the purpose that there may be.")

    @classmethod
    def is_type_of(cls, value: object, info: Context) -> bool:
        return isinstance(value, TooManyFilesRecord)


@strawberry.type(description="Something needs the file, or it is being inspected; nothing was deleted.")
class FileInUse(Problem):
    message: str = strawberry.field(resolver=on(files.in_use), description="Why it stays.")
    code: ProblemCode = strawberry.field(resolver=of(lambda _: ProblemCode.STILL_IN_USE), description="STILL_IN_USE.")

    @classmethod
    def is_type_of(cls, value: object, info: Context) -> bool:
        return isinstance(value, FileInUseRecord)


@strawberry.type(description="The upload was looked at: its file is READY or REFUSED.")
class UploadConfirmed:
    file: File = strawberry.field(description="The file. INSPECTING only while another call is at it.")

    @classmethod
    def is_type_of(cls, value: object, info: Context) -> bool:
        return isinstance(value, files.Confirmed)


@strawberry.type(description="The file is deleted; its links no longer work.")
class FileDeleted:
    file: File = strawberry.field(description="What is left of it.")

    @classmethod
    def is_type_of(cls, value: object, info: Context) -> bool:
        return isinstance(value, files.Deleted)


@strawberry.input(description="What is to be uploaded.")
class RequestUploadInput:
    purpose: FilePurpose = strawberry.field(description="What the file is for.")
    content_type: str = strawberry.field(description="Its media type: `image/jpeg`, `image/png`, `image/webp`, …")
    size: int = strawberry.field(description="Its exact size in bytes.")
    idempotency_key: str | None = strawberry.field(
        default=None, description="The same key with the same input answers the same file, with a fresh link."
    )


@strawberry.input(description="Names an upload.")
class ConfirmUploadInput:
    file_id: strawberry.ID = strawberry.field(description="Global id of the file, from the ticket.")


@strawberry.input(description="Names a file.")
class DeleteFileInput:
    file_id: strawberry.ID = strawberry.field(description="Global id of the file.")


@strawberry.input(description="Names an identity picture, and why it is looked at.")
class ViewIdentityPictureInput:
    file_id: strawberry.ID = strawberry.field(description="Global id of the file.")
    reason: str = strawberry.field(description="Why, for the audit log: 1 to 200 characters.")


RequestUploadResult = Annotated[
    UploadTicket | InvalidInput | TooManyFiles | ConsentNeeded | IdempotencyKeyReused,
    strawberry.union("RequestUploadResult", description="A ticket, or why there is none."),
]
ConfirmUploadResult = Annotated[
    UploadConfirmed | InvalidInput | NotFound,
    strawberry.union("ConfirmUploadResult", description="What became of the upload."),
]
DeleteFileResult = Annotated[
    FileDeleted | InvalidInput | FileInUse | NotFound,
    strawberry.union("DeleteFileResult", description="What became of the file."),
]
ViewIdentityPictureResult = Annotated[
    FileLink | InvalidInput | NotFound,
    strawberry.union("ViewIdentityPictureResult", description="A link, or why there is none."),
]


@strawberry.type
class FileMutation:
    @mutates(
        RequestUploadResult,
        "Begin an upload: answers a link that takes the file within five minutes. For an identity picture its owner has"
        " to agree to IDENTITY_PICTURES (`giveConsent`) before.",
        only=IsUserOrStaff,
    )
    def request_upload(
        self,
        info: Context,
        input: Annotated[RequestUploadInput, strawberry.argument(description="What is to be uploaded.")],
    ) -> Awaitable[TicketAnswer]:
        return files.request(info.context, input.purpose, input.content_type, input.size, input.idempotency_key)

    @mutates(
        ConfirmUploadResult,
        "Say that the upload is done: it is inspected, and pictures are made anew without place or camera. An upload"
        " that nobody confirms is inspected after a minute.",
        only=IsUserOrStaff,
    )
    def confirm_upload(
        self,
        info: Context,
        input: Annotated[ConfirmUploadInput, strawberry.argument(description="Which upload.")],
    ) -> Awaitable[files.Confirmed | InvalidInputRecord | NotFoundRecord]:
        return files.confirm(info.context, str(input.file_id))

    @mutates(
        DeleteFileResult,
        "Delete a file: one's own, or anybody's with EDIT_FILES. Not while something uses it. Recorded.",
        only=IsUserOrStaff,
    )
    def delete_file(
        self,
        info: Context,
        input: Annotated[DeleteFileInput, strawberry.argument(description="Which file.")],
    ) -> Awaitable[files.Deleted | FileInUseRecord | NotFoundRecord]:
        return files.delete(info.context, str(input.file_id))

    @mutates(
        ViewIdentityPictureResult,
        "A link to an identity picture that was handed in for verification, watermarked, for a reviewer. Each view is"
        " recorded with its reason.",
        only=may(Permission.REVIEW_VERIFICATIONS),
    )
    def view_identity_picture(
        self,
        info: Context,
        input: Annotated[ViewIdentityPictureInput, strawberry.argument(description="Which picture, and why.")],
    ) -> Awaitable[FileLinkRecord | InvalidInputRecord | NotFoundRecord]:
        return files.review_link(info.context, str(input.file_id), input.reason)
