"""Work before further codes: who can make a challenge, what solves it, and what the documents print of both."""

import base64
import hashlib
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.identity.proof_of_work import (
    HARDEST,
    LIFETIME,
    MOST_NONCE_DIGITS,
    Work,
    WorkDone,
    WorkNeeded,
    WrongWork,
    judge_work,
    new_challenge,
    solve,
    solves,
)
from server.__main__ import main
from tests.node import run_script

KEY, SUBJECT = bytes(range(32)), "0f0f|SIGN_IN"
NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
DOCUMENT = Path(__file__).parents[3] / "docs" / "proof-of-work.md"


def challenge(difficulty: int = 6, randomness: bytes = b"8 bytes!") -> WorkNeeded:
    return new_challenge(KEY, SUBJECT, difficulty, randomness, NOW)


def solution(needed: WorkNeeded) -> Work:
    return Work(needed.challenge, solve(needed.challenge, needed.difficulty))


def test_a_solution_counts_until_its_challenge_expires() -> None:
    needed = challenge()
    assert needed.expires_at == NOW + LIFETIME
    done = judge_work(KEY, SUBJECT, solution(needed), NOW + LIFETIME - timedelta(seconds=1))
    assert done == WorkDone(b"8 bytes!".hex(), needed.expires_at)
    assert judge_work(KEY, SUBJECT, solution(needed), NOW + LIFETIME) is None


def test_a_solution_is_worth_nothing_for_another_phone_purpose_or_platform() -> None:
    work = solution(challenge())
    for key, subject in (KEY, "0e0e|SIGN_IN"), (KEY, "0f0f|BIND_WECHAT"), (bytes(32), SUBJECT):
        assert judge_work(key, subject, work, NOW) is None


def test_a_nonce_that_solves_nothing_is_told_from_a_foreign_challenge() -> None:
    needed = challenge()
    wrong = str(int(solve(needed.challenge, needed.difficulty)) + 1)
    while solves(needed.challenge, wrong, needed.difficulty):
        wrong = str(int(wrong) + 1)
    for nonce in wrong, "", "-1", "٣", "0x10", " 7", "1" * (MOST_NONCE_DIGITS + 1):
        assert judge_work(KEY, SUBJECT, Work(needed.challenge, nonce), NOW) == WrongWork(needed.difficulty), nonce


@given(st.integers(0, 39), st.characters(codec="utf-8"))
def test_whoever_changes_a_challenge_has_none(place: int, letter: str) -> None:
    genuine = challenge(0).challenge
    changed = genuine[:place] + letter + genuine[place + 1 :]
    answer = judge_work(KEY, SUBJECT, Work(changed, "0"), NOW)
    assert (answer is not None) == (changed == genuine)


@given(st.text(max_size=60))
def test_whatever_comes_as_a_challenge_is_judged(text: str) -> None:
    assert judge_work(KEY, SUBJECT, Work(text, "0"), NOW) is None


@pytest.mark.parametrize("difficulty", [0, 1, 7, 8, 9, 12])
def test_the_difficulty_is_the_number_of_zero_bits(difficulty: int) -> None:
    nonce = solve("any text", difficulty)
    bits = f"{int.from_bytes(hashlib.sha256(f'any text.{nonce}'.encode()).digest(), 'big'):0256b}"
    assert bits.startswith("0" * difficulty)
    assert not any(solves("any text", str(smaller), difficulty) for smaller in range(int(nonce)))


def test_a_try_with_a_common_nonce_fits_one_block() -> None:
    # SHA-256 pads by at least 9 bytes to blocks of 64.
    assert len(f"{challenge(HARDEST).challenge}.{10**13}") <= 64 - 9


def vectors() -> list[tuple[str, int, str, str]]:
    rows = re.findall(r"\| `([\w-]{40})` \| (\d+) \| (\d+) \| `([0-9a-f]{64})` \|\n", DOCUMENT.read_text())
    return [(text, int(difficulty), nonce, digest) for text, difficulty, nonce, digest in rows]


def test_the_documented_vectors_hold() -> None:
    assert len(vectors()) == 3
    for text, difficulty, nonce, digest in vectors():
        assert hashlib.sha256(f"{text}.{nonce}".encode()).hexdigest() == digest
        assert solve(text, difficulty) == nonce
        assert base64.urlsafe_b64decode(text)[0] == difficulty


async def test_the_clients_programme_solves_the_documented_vectors() -> None:
    asked = [part for text, difficulty, _, _ in vectors() for part in (text, str(difficulty))]
    finished = await run_script("solve-work.mjs", *asked)
    assert finished.status == 0, finished.complaints
    assert finished.output.split() == [nonce for _, _, nonce, _ in vectors()]


def test_the_command_line_solves_one(capsys: pytest.CaptureFixture[str]) -> None:
    text, difficulty, nonce, _ = vectors()[0]
    assert main(["solve-work", text, str(difficulty)]) == 0
    assert capsys.readouterr().out == f"{nonce}\n"
