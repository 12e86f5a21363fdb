"""Why signing in, or going on being signed in, was refused."""

import datetime as dt

import strawberry

from domain.identity import login_codes, own_account, proof_of_work, sessions, sign_in
from domain.problems import ProblemCode
from resolvers import sign_in_problems as words
from schema.binding import of, on
from schema.problems import Problem, record_of


@strawberry.type(description="Too many codes were asked for, by this phone or from this network; none was sent.")
class TooManyCodes(Problem):
    message: str = strawberry.field(resolver=on(words.of_too_many_codes), description="When to try again.")
    code: ProblemCode = strawberry.field(
        resolver=of(lambda _: ProblemCode.TOO_MANY_CODES), description="TOO_MANY_CODES."
    )
    retry_after_seconds: int = strawberry.field(description="After so many seconds one can be asked for.")

    is_type_of = record_of(login_codes.TooManyCodes)


@strawberry.type(
    description="Codes were sent to this phone or from this network before today, so the next one costs a little "
    "computing: solve the challenge and ask again with `work`. No code was sent."
)
class WorkNeeded(Problem):
    message: str = strawberry.field(resolver=on(words.of_needed_work), description="What to do first.")
    code: ProblemCode = strawberry.field(resolver=of(lambda _: ProblemCode.WORK_NEEDED), description="WORK_NEEDED.")
    challenge: str = strawberry.field(description="What is solved; good for one code, for this phone and purpose.")
    difficulty: int = strawberry.field(
        description="Find a nonce, at most 20 decimal digits, such that SHA-256 of `challenge.nonce` begins with so "
        "many zero bits."
    )
    expires_at: dt.datetime = strawberry.field(description="Until when the solution is taken.")

    is_type_of = record_of(proof_of_work.WorkNeeded)


@strawberry.type(description="The code is not the one that was sent, or it is no longer valid.")
class WrongCode(Problem):
    message: str = strawberry.field(resolver=on(words.of_wrong_code), description="What to do.")
    code: ProblemCode = strawberry.field(resolver=of(lambda _: ProblemCode.WRONG_CODE), description="WRONG_CODE.")
    tries_left: int = strawberry.field(description="How often the code can still be tried; with 0, ask for a new one.")

    is_type_of = record_of(login_codes.WrongCode)


@strawberry.type(description="Too many wrong codes for this phone or from this network; the code was not looked at.")
class TooManyTries(Problem):
    message: str = strawberry.field(resolver=on(words.of_too_many_tries), description="When to try again.")
    code: ProblemCode = strawberry.field(
        resolver=of(lambda _: ProblemCode.TOO_MANY_TRIES), description="TOO_MANY_TRIES."
    )
    retry_after_seconds: int = strawberry.field(description="After so many seconds codes are looked at again.")

    is_type_of = record_of(login_codes.TooManyTries)


@strawberry.type(description="The platform locked the account.")
class AccountLocked(Problem):
    message: str = strawberry.field(resolver=on(words.of_locked_account), description="What to do about it.")
    code: ProblemCode = strawberry.field(
        resolver=of(lambda _: ProblemCode.ACCOUNT_LOCKED), description="ACCOUNT_LOCKED."
    )

    is_type_of = record_of(sign_in.AccountLocked)


@strawberry.type(description="Another tab refreshed the session a moment ago; its cookie is this browser's already.")
class SessionBusy(Problem):
    message: str = strawberry.field(resolver=on(words.of_busy_session), description="What to do.")
    code: ProblemCode = strawberry.field(resolver=of(lambda _: ProblemCode.SESSION_BUSY), description="SESSION_BUSY.")
    retry_after_seconds: int = strawberry.field(description="After so many seconds, refresh again.")

    is_type_of = record_of(sessions.SessionBusy)


@strawberry.type(description="There is no such session any more: sign in again.")
class SessionEnded(Problem):
    message: str = strawberry.field(resolver=on(words.of_ended_session), description="What to do.")
    code: ProblemCode = strawberry.field(resolver=of(lambda _: ProblemCode.SESSION_ENDED), description="SESSION_ENDED.")

    is_type_of = record_of(sessions.SessionEnded)


@strawberry.type(description="Another account has this phone; nothing was changed.")
class PhoneTaken(Problem):
    message: str = strawberry.field(resolver=on(words.of_taken_phone), description="What is wrong.")
    code: ProblemCode = strawberry.field(resolver=of(lambda _: ProblemCode.PHONE_TAKEN), description="PHONE_TAKEN.")

    is_type_of = record_of(own_account.PhoneTaken)
