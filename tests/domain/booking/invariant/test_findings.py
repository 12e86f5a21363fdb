"""What is found wrong with one session, whatever its numbers."""

from dataclasses import dataclass, field
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from datasources.sql.ledger_check import SessionFacts
from domain.booking.invariant.findings import DRIFT, FindingKind, findings_of


@dataclass
class Session:
    """A session as it must be, and then not."""

    ordered: list[int] = field(default_factory=list)
    offered: list[int] = field(default_factory=list)
    returned: list[int] = field(default_factory=list)
    entries: int = 0

    def facts(self, **wrong: object) -> SessionFacts:
        right = SessionFacts(
            schedule_id="h:1",
            hospital_code="h",
            revision=1,
            taken=len(self.ordered) + len(self.offered),
            waiting=self.entries,
            next_number=len(self.ordered) + len(self.offered) + len(self.returned) + 1,
            returned_numbers=self.returned,
            ordered=self.ordered,
            offered=self.offered,
            entries=self.entries,
            elsewhere=[],
            same_person=[],
            push_waiting=False,
        )
        return right._replace(**wrong)  # type: ignore[arg-type]


@st.composite
def sessions(draw: st.DrawFn) -> Session:
    session = Session(entries=draw(st.integers(0, 5)))
    for number in range(1, draw(st.integers(1, 60))):
        draw(st.sampled_from([session.ordered, session.offered, session.returned])).append(number)
    return session


def kinds(facts: SessionFacts) -> set[FindingKind]:
    return {finding.kind for finding in findings_of(facts)}


@given(sessions())
def test_a_session_as_it_must_be_has_nothing_wrong(session: Session) -> None:
    assert findings_of(session.facts()) == []


@given(sessions(), st.integers(-3, 3).filter(bool))
def test_each_miscount_is_found(session: Session, by: int) -> None:
    right = session.facts()
    assert kinds(session.facts(taken=right.taken + by)) == {FindingKind.TAKEN_MISCOUNTED}
    assert kinds(session.facts(waiting=right.waiting + by)) == {FindingKind.WAITING_MISCOUNTED}


@given(sessions().filter(lambda session: session.ordered), st.data())
def test_a_number_that_two_have_and_one_that_nobody_has_are_found(session: Session, data: st.DataObject) -> None:
    number = data.draw(st.sampled_from(session.ordered))
    twice = [*session.ordered, number]
    assert kinds(session.facts(ordered=twice)) == {FindingKind.NUMBER_DOUBLED, FindingKind.TAKEN_MISCOUNTED}
    back = sorted([*session.returned, number])
    assert kinds(session.facts(returned_numbers=back)) == {FindingKind.NUMBER_DOUBLED}
    lost = findings_of(session.facts(ordered=[each for each in session.ordered if each != number]))
    assert [(each.kind, each.detail.get("numbers")) for each in lost if each.kind is FindingKind.NUMBER_LOST] == [
        (FindingKind.NUMBER_LOST, [number])
    ]


@given(sessions(), st.integers(0, 3))
def test_a_number_that_was_never_issued_is_found(session: Session, beyond: int) -> None:
    right = session.facts()
    number = right.next_number + beyond
    found = kinds(session.facts(offered=[*session.offered, number], taken=right.taken + 1))
    assert found == {FindingKind.NUMBER_NEVER_ISSUED}


def test_an_order_of_another_place_and_a_person_twice_are_found() -> None:
    some = [uuid4(), uuid4()]
    found = findings_of(Session([1, 2]).facts(elsewhere=some[:1], same_person=some))
    assert [(each.kind, each.detail["orders"]) for each in found] == [
        (FindingKind.ORDER_ELSEWHERE, [str(some[0])]),
        (FindingKind.PERSON_DOUBLED, sorted(str(id) for id in some)),
    ]


def test_only_what_is_shown_is_drift() -> None:
    assert {kind for kind in FindingKind if kind not in DRIFT} == {
        FindingKind.TAKEN_MISCOUNTED,
        FindingKind.NUMBER_DOUBLED,
        FindingKind.NUMBER_LOST,
        FindingKind.NUMBER_NEVER_ISSUED,
        FindingKind.ORDER_ELSEWHERE,
        FindingKind.PERSON_DOUBLED,
    }
