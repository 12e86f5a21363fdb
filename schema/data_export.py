"""The export of one's own data."""

import datetime as dt
from collections.abc import Awaitable
from typing import Annotated

import strawberry

from datasources.sql.data_export import ExportFailure, ExportState
from domain.exports import request as exporting
from domain.problems import ProblemCode
from resolvers import data_exports
from resolvers.data_exports import ExportView
from schema.binding import Context, answers, described_enum, mutates, of, on
from schema.file import File
from schema.permissions import IsUser
from schema.problems import InvalidInput, Problem, record_of
from schema.sign_in import LoginCodeSent
from schema.sign_in_problems import SessionEnded, TooManyCodes, TooManyTries, WrongCode

described_enum(
    ExportState,
    "Where an export stands.",
    {
        "WAITING": "It is about to be made, or to be tried again.",
        "RUNNING": "It is being made.",
        "READY": "Its file can be downloaded until `expiresAt`.",
        "FAILED": "It was given up; `failure` says why. Another one may be asked for.",
        "EXPIRED": "Its time is over and its file is deleted.",
    },
)
described_enum(
    ExportFailure,
    "Why an export was given up.",
    {
        "ACCOUNT_CLOSED": "The account was locked or erased meanwhile.",
        "TOO_MANY_ATTEMPTS": "It could not be made, however often it was tried.",
    },
)


@strawberry.type(description="An export of the caller's own data: a zip of JSON documents and the files themselves.")
class DataExport:
    id: strawberry.ID = strawberry.field(resolver=of(lambda view: str(view.export.id)), description="Its id.")
    state: ExportState = strawberry.field(
        resolver=of(lambda view: ExportState(view.export.state)), description="Where it stands."
    )
    failure: ExportFailure | None = strawberry.field(
        resolver=of(lambda view: None if view.export.failure is None else ExportFailure(view.export.failure)),
        description="Why it was given up; null unless FAILED.",
    )
    requested_at: dt.datetime = strawberry.field(
        resolver=of(lambda view: view.export.requested_at), description="When it was asked for."
    )
    finished_at: dt.datetime | None = strawberry.field(
        resolver=of(lambda view: view.export.finished_at), description="When it was made or given up."
    )
    expires_at: dt.datetime | None = strawberry.field(
        resolver=of(lambda view: view.export.expires_at), description="When its file is deleted: 7 days after."
    )
    file: File | None = strawberry.field(
        description="The zip with its size, for `fileLink`; null until it is READY, and once it is deleted."
    )

    is_type_of = record_of(ExportView)


@strawberry.type(description="The export is under way: this one, or one that was asked for before.")
class DataExportRequested:
    export: DataExport = strawberry.field(description="The export.")

    is_type_of = record_of(data_exports.ExportRequested)


@strawberry.type(description="The last export was made less than a day ago; no other is made yet.")
class TooManyExports(Problem):
    message: str = strawberry.field(resolver=on(data_exports.of_too_many), description="When to ask again.")
    code: ProblemCode = strawberry.field(
        resolver=of(lambda _: ProblemCode.TOO_MANY_EXPORTS), description="TOO_MANY_EXPORTS."
    )
    next_at: dt.datetime = strawberry.field(description="From when on the next may be asked for.")

    is_type_of = record_of(exporting.TooManyExports)


RequestDataExportCodeResult = Annotated[
    LoginCodeSent | InvalidInput | TooManyCodes | SessionEnded,
    strawberry.union("RequestDataExportCodeResult", description="What became of asking for a code."),
]
RequestDataExportResult = Annotated[
    DataExportRequested | TooManyExports | WrongCode | TooManyTries | InvalidInput | SessionEnded,
    strawberry.union("RequestDataExportResult", description="What became of asking for an export."),
]


@strawberry.input(description="That the code is really wanted.")
class RequestDataExportCodeInput:
    confirm: bool = strawberry.field(description="Must be true.")


@strawberry.input(description="The proof that the owner asks.")
class RequestDataExportInput:
    challenge_id: str = strawberry.field(description="The `challengeId` that `requestDataExportCode` answered.")
    code: str = strawberry.field(description="The six digits of the text message.")


@strawberry.type
class DataExportQuery:
    @answers(list[DataExport], "Exports of the caller's own data, the latest first, at most 20.", only=IsUser)
    def my_data_exports(self, info: Context) -> Awaitable[list[ExportView]]:
        return data_exports.own_exports(info.context)


@strawberry.type
class DataExportMutation:
    @mutates(
        RequestDataExportCodeResult,
        "Send a code to the caller's own phone, with which `requestDataExport` begins an export.",
        only=IsUser,
    )
    def request_data_export_code(
        self,
        info: Context,
        input: Annotated[RequestDataExportCodeInput, strawberry.argument(description="Confirmation.")],
    ) -> Awaitable[data_exports.CodeAnswer]:
        return data_exports.request_code(info.context, confirm=input.confirm)

    @mutates(
        RequestDataExportResult,
        "Export the caller's own data, unmasked, by a fresh code of `requestDataExportCode`: one at a time, one in 24 "
        "hours. It is made in the background; `myDataExports` shows how far it is.",
        only=IsUser,
    )
    def request_data_export(
        self,
        info: Context,
        input: Annotated[RequestDataExportInput, strawberry.argument(description="The proof.")],
    ) -> Awaitable[data_exports.RequestAnswer]:
        return data_exports.request(info.context, input.challenge_id, input.code)
