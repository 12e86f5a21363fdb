"""Problems: what is wrong with a mutation's input, as part of its answer."""

from collections.abc import Callable
from typing import Any

import strawberry

from domain import problems
from domain.problems import ProblemCode
from resolvers import problems as words
from schema import enums as enums
from schema.binding import Context, of, on


def _is(record: type) -> Callable[..., bool]:
    def is_type_of(cls: Any, value: object, info: Context) -> bool:
        return isinstance(value, record)

    return is_type_of


def record_of(record: type) -> Any:
    """`is_type_of` of a member of a union that stands for this record."""
    return classmethod(_is(record))


@strawberry.interface(description="Why a mutation changed nothing, or not all that was asked.")
class Problem:
    message: str = strawberry.field(description="What is wrong and what to do, in the caller's language.")
    code: ProblemCode = strawberry.field(description="Which problem it is, for programs.")


@strawberry.type(description="One field that cannot be taken.")
class FieldProblem:
    field: str = strawberry.field(description="The field's path in the input, from the item on: `bookingRule.cycle`.")
    code: ProblemCode = strawberry.field(description="Which problem it is, for programs.")
    message: str = strawberry.field(resolver=on(words.of_field), description="What is wrong and what to do.")


@strawberry.type(description="One item of a batch that cannot be taken.")
class ItemProblem:
    index: int = strawberry.field(description="Place of the item in the batch, counted from 0.")
    field: str = strawberry.field(
        resolver=of(lambda item: item.problem.field), description="The field's path within the item."
    )
    code: ProblemCode = strawberry.field(
        resolver=of(lambda item: item.problem.code), description="Which problem it is, for programs."
    )
    message: str = strawberry.field(resolver=on(words.of_item), description="What is wrong and what to do.")


@strawberry.type(description="The input cannot be taken; nothing was changed.")
class InvalidInput(Problem):
    message: str = strawberry.field(resolver=on(words.of_input), description="What is wrong, in the caller's language.")
    code: ProblemCode = strawberry.field(resolver=of(lambda _: ProblemCode.INVALID_INPUT), description="INVALID_INPUT.")
    fields: list[FieldProblem] = strawberry.field(description="Each field that cannot be taken.")

    is_type_of = classmethod(_is(problems.InvalidInput))


@strawberry.type(description="Some items cannot be taken and the batch was all or nothing: nothing was changed.")
class InvalidBatch(Problem):
    message: str = strawberry.field(resolver=on(words.of_batch), description="How many items are wrong.")
    code: ProblemCode = strawberry.field(resolver=of(lambda _: ProblemCode.INVALID_INPUT), description="INVALID_INPUT.")
    items: list[ItemProblem] = strawberry.field(description="Each field of each item that cannot be taken.")

    is_type_of = classmethod(_is(problems.InvalidBatch))


@strawberry.type(description="The idempotency key was used before with another input; nothing was changed.")
class IdempotencyKeyReused(Problem):
    message: str = strawberry.field(resolver=on(words.of_reused_key), description="What to do about it.")
    code: ProblemCode = strawberry.field(
        resolver=of(lambda _: ProblemCode.IDEMPOTENCY_KEY_REUSED), description="IDEMPOTENCY_KEY_REUSED."
    )

    is_type_of = classmethod(_is(problems.IdempotencyKeyReused))


@strawberry.type(description="The platform locked the hospital; pushes are refused until it is unlocked.")
class HospitalLocked(Problem):
    message: str = strawberry.field(resolver=on(words.of_locked_hospital), description="What to do about it.")
    code: ProblemCode = strawberry.field(
        resolver=of(lambda _: ProblemCode.HOSPITAL_LOCKED), description="HOSPITAL_LOCKED."
    )

    is_type_of = classmethod(_is(problems.HospitalLocked))


@strawberry.type(description="What the input names isn't there, or isn't the caller's to know of.")
class NotFound(Problem):
    message: str = strawberry.field(resolver=on(words.of_not_found), description="What to check.")
    code: ProblemCode = strawberry.field(resolver=of(lambda _: ProblemCode.NOT_FOUND), description="NOT_FOUND.")

    is_type_of = classmethod(_is(problems.NotFound))


@strawberry.type(description="The caller may do such things, but not to this account; nothing was changed.")
class NotAllowed(Problem):
    message: str = strawberry.field(resolver=on(words.of_not_allowed), description="Why not, and who could.")
    code: ProblemCode = strawberry.field(description="OWN_ACCOUNT, LAST_ADMINISTRATOR or BEYOND_OWN_RIGHTS.")

    is_type_of = classmethod(_is(problems.NotAllowed))


@strawberry.type(description="The name, the password or the second factor is wrong; which of them is not said.")
class WrongPassword(Problem):
    message: str = strawberry.field(resolver=on(words.of_wrong_password), description="That something is wrong.")
    code: ProblemCode = strawberry.field(
        resolver=of(lambda _: ProblemCode.WRONG_PASSWORD), description="WRONG_PASSWORD."
    )

    is_type_of = classmethod(_is(problems.WrongPassword))


@strawberry.type(description="The password is right; now send it again with a code of the second factor.")
class SecondFactorNeeded(Problem):
    message: str = strawberry.field(resolver=on(words.of_second_factor), description="What else to enter.")
    code: ProblemCode = strawberry.field(
        resolver=of(lambda _: ProblemCode.SECOND_FACTOR_NEEDED), description="SECOND_FACTOR_NEEDED."
    )

    is_type_of = classmethod(_is(problems.SecondFactorNeeded))


@strawberry.type(description="Sign-in is closed: for a while after too many wrong tries, or by an administrator.")
class SignInLocked(Problem):
    message: str = strawberry.field(
        resolver=on(words.of_locked_sign_in), description="How long to wait, or whom to ask."
    )
    code: ProblemCode = strawberry.field(
        resolver=of(lambda _: ProblemCode.SIGN_IN_LOCKED), description="SIGN_IN_LOCKED."
    )
    retry_after_seconds: int | None = strawberry.field(
        description="Seconds until the next try is taken; null when an administrator locked the account."
    )

    is_type_of = classmethod(_is(problems.SignInLocked))
