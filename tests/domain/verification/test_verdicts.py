"""What a reviewer's verdict must say, whatever was typed."""

from hypothesis import given
from hypothesis import strategies as st

from datasources.sql.verification_request import VerificationRejection
from domain.verification.decision import LONGEST_NOTE, Verdict, VerificationDecision, verdict_problems

REJECT, VERIFY = VerificationDecision.REJECT, VerificationDecision.VERIFY
OTHER = VerificationRejection.OTHER


def faults(verdict: Verdict) -> list[tuple[str, str]]:
    return [(problem.field, problem.code.value) for problem in verdict_problems(verdict)]


def test_a_rejection_says_why() -> None:
    assert faults(Verdict(REJECT)) == [("rejection", "MISSING")]
    assert faults(Verdict(REJECT, VerificationRejection.UNREADABLE_PICTURE)) == []
    assert faults(Verdict(REJECT, VerificationRejection.UNREADABLE_PICTURE, "右下角被手指挡住。")) == []


def test_other_is_explained() -> None:
    assert faults(Verdict(REJECT, OTHER, " \t")) == [("note", "MISSING")]
    assert faults(Verdict(REJECT, OTHER, "请到窗口办理。")) == []


def test_a_note_is_one_short_line() -> None:
    assert faults(Verdict(REJECT, OTHER, "长" * LONGEST_NOTE)) == []
    assert faults(Verdict(REJECT, OTHER, "长" * (LONGEST_NOTE + 1))) == [("note", "TOO_LONG")]
    assert faults(Verdict(REJECT, OTHER, "一\x00二")) == [("note", "MALFORMED")]


def test_who_is_verified_is_told_no_reason() -> None:
    assert faults(Verdict(VERIFY)) == []
    assert faults(Verdict(VERIFY, OTHER, "?")) == [("rejection", "OUT_OF_RANGE"), ("note", "OUT_OF_RANGE")]


@given(
    st.builds(
        Verdict, st.sampled_from(VerificationDecision), st.none() | st.sampled_from(VerificationRejection), st.text()
    )
)
def test_what_passes_can_be_stored_and_read(verdict: Verdict) -> None:
    if faults(verdict):
        return
    note = verdict.note.strip()
    assert (verdict.rejection is not None) == (verdict.decision is REJECT)
    assert note.isprintable()
    assert len(note) <= LONGEST_NOTE
    assert note or verdict.rejection is not OTHER
