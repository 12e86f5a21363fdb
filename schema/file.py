"""File: something that was uploaded, or made for somebody to download."""

from collections.abc import Awaitable
from datetime import datetime
from typing import Annotated

import strawberry

from datasources.sql.stored_file import FilePurpose, FileRefusal, FileState, StoredFile
from domain.files.links import FileLink as FileLinkRecord
from domain.global_id import NodeKind, global_id
from domain.page import Page
from domain.permissions import Permission
from resolvers import files, nodes
from resolvers.files import Wanted
from schema.binding import After, Context, First, answers, described_enum, of, on
from schema.connection import Connection
from schema.node import Node
from schema.permissions import IsUserOrStaff, may

described_enum(
    FilePurpose,
    "What a file is for.",
    {
        "IDENTITY_PICTURE": "One side of an identity document, for real-name verification. JPEG, PNG or WebP, at most"
        " 10 MiB. Kept encrypted; seen by its owner and, with a reason and on record, by reviewers.",
        "AVATAR": "A picture of oneself for others to see. JPEG, PNG or WebP, at most 5 MiB.",
        "HOSPITAL_LICENCE": "A hospital's licence. JPEG, PNG, WebP or PDF, at most 20 MiB.",
        "EXPORT": "An export that the platform made for its owner; never uploaded. Kept encrypted.",
    },
)
described_enum(
    FileState,
    "Where a file stands.",
    {
        "UPLOADING": "A link was given; nothing was inspected yet.",
        "INSPECTING": "It came and is being looked at.",
        "READY": "It was taken and can be downloaded.",
        "REFUSED": "It was not taken; `refusal` says why.",
        "DELETED": "It was deleted.",
    },
)
described_enum(
    FileRefusal,
    "Why an upload was not taken.",
    {
        "NEVER_ARRIVED": "Nothing arrived in time.",
        "WRONG_SIZE": "It is not as large as was announced.",
        "UNKNOWN_FORMAT": "Its first bytes are those of no known kind.",
        "OTHER_FORMAT": "It is of another kind than was announced.",
        "HEIC": "It is a HEIC photograph, which browsers cannot show.",
        "TOO_MANY_PIXELS": "It would unfold to more pixels than are taken.",
        "UNREADABLE": "It is broken or not whole.",
        "ACTIVE_CONTENT": "The PDF holds scripts, attachments or actions.",
    },
)

FileId = Annotated[strawberry.ID, strawberry.argument(description="Global id of the file.")]
OfPurpose = Annotated[FilePurpose | None, strawberry.argument(description="Only files for this.")]
InState = Annotated[FileState | None, strawberry.argument(description="Only files that stand here.")]


@strawberry.federation.type(
    keys=["id"], description="A file of somebody's. Its owner and staff who may read files know of it."
)
class File(Node):
    id: strawberry.ID = strawberry.field(
        resolver=of(lambda file: global_id(NodeKind.FILE, file.id)), description="Global, opaque id."
    )
    owner_id: strawberry.ID = strawberry.field(
        resolver=of(files.owner_id), description="Global id of the user or staff member whose it is."
    )
    purpose: FilePurpose = strawberry.field(
        resolver=of(lambda file: FilePurpose(file.purpose)), description="What it is for."
    )
    state: FileState = strawberry.field(resolver=of(lambda file: FileState(file.state)), description="Where it stands.")
    refusal: FileRefusal | None = strawberry.field(
        resolver=of(lambda file: None if file.refusal is None else FileRefusal(file.refusal)),
        description="Why it was not taken; null unless REFUSED.",
    )
    refusal_message: str | None = strawberry.field(
        resolver=on(files.refusal_message), description="Why it was not taken and what to do, in the caller's language."
    )
    content_type: str = strawberry.field(description="Its media type: as announced until it is READY, then as it is.")
    size: int = strawberry.field(
        description="Its size in bytes: as announced until it is READY, then as it is downloaded.",
    )
    digest: str | None = strawberry.field(
        resolver=of(lambda file: None if file.sha256 is None else file.sha256.hex()),
        description="SHA-256 of its content in hexadecimal; null until it is READY.",
    )
    created_at: datetime = strawberry.field(description="When its upload was asked for.")
    ready_at: datetime | None = strawberry.field(description="When it was taken; null if it was not.")

    @classmethod
    def is_type_of(cls, value: object, info: Context) -> bool:
        return isinstance(value, StoredFile)

    @classmethod
    async def resolve_reference(cls, info: Context, id: strawberry.ID) -> object | None:
        return await nodes.node_of_kind(info.context, str(id), NodeKind.FILE)


@strawberry.type(description="Where files can be fetched for some minutes, without further proof: do not pass it on.")
class FileLink:
    url: str = strawberry.field(description="An absolute URL, or a path on the graph's own origin.")
    expires_at: datetime = strawberry.field(description="Until when it works: five minutes at most.")

    @classmethod
    def is_type_of(cls, value: object, info: Context) -> bool:
        return isinstance(value, FileLinkRecord)


@strawberry.type
class FileQuery:
    @answers(Connection[File], "The caller's own files, the latest first.", only=IsUserOrStaff)
    def my_files(
        self,
        info: Context,
        purpose: OfPurpose = None,
        state: InState = None,
        first: First = 20,
        after: After = None,
    ) -> Awaitable[Page[StoredFile]]:
        return files.my_files(info.context, Wanted(purpose=purpose, state=state), first=first, after=after)

    @answers(Connection[File], "Everybody's files, the latest first.", only=may(Permission.READ_FILES))
    def files(
        self,
        info: Context,
        owner_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Only this user's or staff member's: a global id.")
        ] = None,
        purpose: OfPurpose = None,
        state: InState = None,
        created_from: Annotated[
            datetime | None, strawberry.argument(description="Only files asked for at this time or later.")
        ] = None,
        created_before: Annotated[
            datetime | None, strawberry.argument(description="Only files asked for before this time.")
        ] = None,
        first: First = 20,
        after: After = None,
    ) -> Awaitable[Page[StoredFile]]:
        owner = None if owner_id is None else str(owner_id)
        wanted = Wanted(owner, purpose, state, created_from, created_before)
        return files.all_files(info.context, wanted, first=first, after=after)

    @answers(
        FileLink | None,
        "A link to a READY file: the owner's, or one that staff who may read files download. Identity pictures and"
        " exports are their owner's alone (reviewers: `viewIdentityPicture`). Null if there is no such file.",
        only=IsUserOrStaff,
    )
    def file_link(
        self,
        info: Context,
        id: FileId,
        inline: Annotated[
            bool, strawberry.argument(description="Whether a browser shows a picture rather than saves it.")
        ] = False,
    ) -> Awaitable[FileLinkRecord | None]:
        return files.link(info.context, str(id), inline=inline)

    @answers(
        FileLink,
        "A link to several files in one zip, made while it is downloaded. An error if one of them is not there for"
        " the caller to download.",
        only=IsUserOrStaff,
    )
    def files_archive_link(
        self,
        info: Context,
        ids: Annotated[list[strawberry.ID], strawberry.argument(description="Global ids of files, at most 50.")],
    ) -> Awaitable[FileLinkRecord]:
        return files.archive(info.context, [str(id) for id in ids])
