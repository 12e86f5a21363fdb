"""Users, as staff list and change them."""

from collections.abc import Awaitable
from typing import Annotated

import strawberry

from datasources.sql.sign_in_session import SignInSession as SessionRow
from datasources.sql.user_account import UserAccount, UserStatus, Verification
from datasources.sql.user_administration import UserSort
from domain import problems
from domain.page import Page
from domain.permissions import Permission
from domain.users import administration
from resolvers import user_administration
from schema.binding import After, Context, First, answers, described_enum, mutates
from schema.connection import Connection
from schema.own_account import SignInSession
from schema.permissions import may
from schema.problems import InvalidInput, NotFound, record_of
from schema.staff import Input
from schema.user import User

described_enum(
    UserSort,
    "Order of a list of users.",
    {"NEWEST": "The account made last comes first.", "OLDEST": "The account made first comes first."},
)


@strawberry.type(description="The account is there; its owner signs in by phone.")
class UserCreated:
    user: User = strawberry.field(description="The new account.")

    is_type_of = record_of(administration.UserCreated)


@strawberry.type(description="The account was changed.")
class UserUpdated:
    user: User = strawberry.field(description="The account as it now is.")

    is_type_of = record_of(administration.UserUpdated)


@strawberry.type(description="The account is locked.")
class UserLocked:
    user: User = strawberry.field(description="The account as it now is.")
    ended_sessions: int = strawberry.field(description="Sessions that were ended by it.")

    is_type_of = record_of(administration.UserLocked)


@strawberry.type(description="The account may be signed in again.")
class UserUnlocked:
    user: User = strawberry.field(description="The account as it now is.")

    is_type_of = record_of(administration.UserUnlocked)


@strawberry.type(description="The account's personal data will be erased after `deleteAfter`.")
class UserDeletionBegun:
    user: User = strawberry.field(description="The account as it now is.")
    ended_sessions: int = strawberry.field(description="Sessions that were ended by it.")

    is_type_of = record_of(administration.UserDeletionBegun)


CreateUserResult = Annotated[
    UserCreated | InvalidInput, strawberry.union("CreateUserResult", description="What became of the new account.")
]
UpdateUserResult = Annotated[
    UserUpdated | NotFound | InvalidInput,
    strawberry.union("UpdateUserResult", description="What became of the change."),
]
LockUserResult = Annotated[
    UserLocked | NotFound | InvalidInput, strawberry.union("LockUserResult", description="What became of the lock.")
]
UnlockUserResult = Annotated[
    UserUnlocked | NotFound | InvalidInput,
    strawberry.union("UnlockUserResult", description="What became of the account."),
]
DeleteUserResult = Annotated[
    UserDeletionBegun | NotFound | InvalidInput,
    strawberry.union("DeleteUserResult", description="What became of the account."),
]


@strawberry.input(description="A user's account to be made.")
class CreateUserInput:
    phone: str = strawberry.field(description="A mainland mobile number that has no account yet.")


@strawberry.input(description="What to change of a user's account.")
class UpdateUserInput:
    id: strawberry.ID = strawberry.field(description="The user's global id.")
    nickname: str = strawberry.field(description="At most 30 characters; empty removes it.")


@strawberry.input(description="Whose account, and why.")
class UserReasonInput:
    id: strawberry.ID = strawberry.field(description="The user's global id.")
    reason: str = strawberry.field(default="", description="Why, for the audit log; at most 200 characters are kept.")


@strawberry.input(description="Whose account.")
class UserInput:
    id: strawberry.ID = strawberry.field(description="The user's global id.")


_readers, _editors, _lockers = may(Permission.READ_USERS), may(Permission.EDIT_USERS), may(Permission.LOCK_USERS)


@strawberry.type
class UserAdministrationQuery:
    @answers(Connection[User], "Users, by the time their accounts were made.", only=_readers)
    def users(
        self,
        info: Context,
        text: Annotated[
            str | None,
            strawberry.argument(description="Part of the nickname, or the whole phone number: part of one finds none."),
        ] = None,
        status: Annotated[UserStatus | None, strawberry.argument(description="Only accounts in this state.")] = None,
        verification: Annotated[
            Verification | None, strawberry.argument(description="Only accounts verified so far.")
        ] = None,
        sort: Annotated[UserSort, strawberry.argument(description="Order of the list.")] = UserSort.NEWEST,
        first: First = 20,
        after: After = None,
    ) -> Awaitable[Page[UserAccount]]:
        return user_administration.users(
            info.context, text=text, status=status, verification=verification, sort=sort, first=first, after=after
        )

    @answers(User | None, "A user by the global id; null if there is none.", only=_readers)
    def user(
        self, info: Context, id: Annotated[strawberry.ID, strawberry.argument(description="The user's global id.")]
    ) -> Awaitable[UserAccount | None]:
        return user_administration.user(info.context, str(id))

    @answers(list[SignInSession], "Where a user is signed in, the session used last first.", only=_readers)
    def user_sessions(
        self, info: Context, id: Annotated[strawberry.ID, strawberry.argument(description="The user's global id.")]
    ) -> Awaitable[list[SessionRow]]:
        return user_administration.sessions_of(info.context, str(id))


@strawberry.type
class UserAdministrationMutation:
    @mutates(CreateUserResult, "Make an account for a phone that has none.", only=_editors)
    def create_user(
        self, info: Context, input: Input[CreateUserInput]
    ) -> Awaitable[administration.UserCreated | problems.InvalidInput]:
        return user_administration.create(info.context, input.phone)

    @mutates(UpdateUserResult, "Change a user's nickname.", only=_editors)
    def update_user(
        self, info: Context, input: Input[UpdateUserInput]
    ) -> Awaitable[administration.UserUpdated | problems.NotFound | problems.InvalidInput]:
        return user_administration.update(info.context, str(input.id), input.nickname)

    @mutates(LockUserResult, "Lock a user's account; its sessions end at once.", only=_lockers)
    def lock_user(
        self, info: Context, input: Input[UserReasonInput]
    ) -> Awaitable[administration.UserLocked | problems.NotFound | problems.InvalidInput]:
        return user_administration.lock(info.context, str(input.id), input.reason)

    @mutates(UnlockUserResult, "Unlock a user's account.", only=_lockers)
    def unlock_user(
        self, info: Context, input: Input[UserInput]
    ) -> Awaitable[administration.UserUnlocked | problems.NotFound]:
        return user_administration.unlock(info.context, str(input.id))

    @mutates(
        DeleteUserResult,
        "Begin the deletion of a user's account: its sessions end now, its personal data goes after a week.",
        only=_editors,
    )
    def delete_user(
        self, info: Context, input: Input[UserReasonInput]
    ) -> Awaitable[administration.UserDeletionBegun | problems.NotFound]:
        return user_administration.delete(info.context, str(input.id), input.reason)
