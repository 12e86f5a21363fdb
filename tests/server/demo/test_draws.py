from hypothesis import given
from hypothesis import strategies as st

from server.demo.draws import Draws


def test_a_key_draws_the_same_on_every_machine() -> None:
    draws = Draws("key")
    assert [draws.below(1000) for _ in range(5)] == [39, 925, 408, 474, 257]


@given(st.text(), st.integers(1, 10_000))
def test_draws_stay_below_their_bound_however_many_are_made(key: str, bound: int) -> None:
    draws = Draws(key)
    assert all(0 <= draws.below(bound) < bound for _ in range(300))


@given(st.text(), st.lists(st.integers(), max_size=20, unique=True), st.integers(0, 25))
def test_a_sample_keeps_the_order_and_repeats_nothing(key: str, things: list[int], count: int) -> None:
    sample = Draws(key).sample(things, count)
    assert len(sample) == min(count, len(things))
    assert sample == [thing for thing in things if thing in sample]


def test_chances_come_out_even() -> None:
    hits = sum(Draws(f"even:{number}").chance(30) for number in range(5_000))
    assert 1_350 < hits < 1_650
