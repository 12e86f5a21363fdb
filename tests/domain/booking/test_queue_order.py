"""In which order people are called, whatever order they come in."""

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from domain.booking.queue_order import Waiting, absence_index, arrival_index, is_late


@dataclass
class Line:
    """A queue as the rule sees it: who waits, whom the doctor has, and how far the numbers have got."""

    waiting: list[Waiting] = field(default_factory=list)
    called: Waiting | None = None
    passed: int = 0

    def arrive(self, number: int) -> int:
        late = is_late(number, self.passed)
        index = arrival_index(self.waiting, number, late=late)
        self.waiting.insert(index, Waiting(number, late))
        return index

    def call(self) -> None:
        if self.waiting:
            self.called = self.waiting.pop(0)
            if not self.called.late:
                self.passed = max(self.passed, self.called.number)

    def pass_over(self) -> None:
        if self.called is not None:
            absent = Waiting(self.called.number, self.called.late, self.called.times_called + 1)
            self.waiting.insert(absence_index(len(self.waiting)), absent)
            self.called = None

    @property
    def numbers(self) -> list[int]:
        return [each.number for each in self.waiting]


ARRIVALS = st.permutations(range(1, 13))
STEPS = st.lists(st.sampled_from(["arrive", "arrive", "call", "pass"]), max_size=60)


@given(ARRIVALS)
def test_before_anybody_is_called_the_order_is_that_of_the_numbers(arrivals: list[int]) -> None:
    line = Line()
    for number in arrivals:
        line.arrive(number)
    assert line.numbers == sorted(arrivals)


@given(ARRIVALS, STEPS)
def test_no_newcomer_moves_those_who_wait_among_themselves(arrivals: list[int], steps: list[str]) -> None:
    line, to_come = Line(), list(arrivals)
    for step in steps:
        before = line.numbers
        if step == "arrive" and to_come:
            number = to_come.pop()
            line.arrive(number)
            assert [each for each in line.numbers if each != number] == before
        elif step == "call":
            line.call()
            assert line.numbers == before[1:]
        elif step == "pass":
            line.pass_over()


@given(ARRIVALS, STEPS)
def test_whoever_comes_in_time_is_behind_nobody_with_a_higher_number_who_is_in_turn(
    arrivals: list[int], steps: list[str]
) -> None:
    line, to_come = Line(), list(arrivals)
    for step in steps:
        if step == "arrive" and to_come:
            number = to_come.pop()
            late, waiting = is_late(number, line.passed), list(line.waiting)
            ahead = line.arrive(number)
            if late:
                assert ahead == len(waiting)
            else:
                assert not [each for each in waiting[:ahead] if each.in_turn and each.number > number]
                assert not [each for each in waiting[ahead:] if each.in_turn and each.number < number]
        elif step == "call":
            line.call()
        elif step == "pass":
            line.pass_over()


@given(ARRIVALS, STEPS)
def test_everybody_who_comes_is_called_while_calling_goes_on(arrivals: list[int], steps: list[str]) -> None:
    line, to_come, came, seen = Line(), list(arrivals), set[int](), set[int]()
    for step in steps:
        if step == "arrive" and to_come:
            came.add(to_come[-1])
            line.arrive(to_come.pop())
        elif step == "call":
            line.call()
            if line.called is not None:
                seen.add(line.called.number)
        elif step == "pass":
            line.pass_over()
    while line.waiting:
        line.call()
        assert line.called is not None
        seen.add(line.called.number)
    assert seen == came


def test_whoever_missed_their_turn_goes_behind_those_who_are_there_and_no_further() -> None:
    line = Line([Waiting(5), Waiting(8), Waiting(9)], passed=4)
    line.arrive(2)
    line.arrive(6)
    line.arrive(12)
    assert line.numbers == [5, 6, 8, 9, 2, 12]


def test_whoever_does_not_answer_goes_behind_the_next_three() -> None:
    line = Line([Waiting(number) for number in (1, 2, 3, 4, 5)])
    line.call()
    line.pass_over()
    assert line.numbers == [2, 3, 4, 1, 5]
    line.arrive(6)
    assert line.numbers == [2, 3, 4, 1, 5, 6]
    few = Line([Waiting(1), Waiting(2)])
    few.call()
    few.pass_over()
    assert few.numbers == [2, 1]
