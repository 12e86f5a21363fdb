"""Until its next turn a window looks as it does now; whatever looks different comes after it."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from domain.booking.window import WindowRule, window_days
from domain.live.window_turns import next_turn

ZONE = ZoneInfo("Asia/Shanghai")
TIMES = st.times().map(lambda moment: time(moment.hour, moment.minute))
MOMENTS = st.timedeltas(timedelta(), timedelta(days=365)).map(lambda later: datetime(2026, 1, 1, tzinfo=UTC) + later)


@given(rule=st.builds(WindowRule, st.integers(1, 20), TIMES, TIMES), now=MOMENTS, share=st.floats(0, 1))
def test_nothing_changes_before_the_turn(rule: WindowRule, now: datetime, share: float) -> None:
    turn = next_turn(rule, now, ZONE)
    assert turn >= now
    between = now + (turn - now) * share
    assert list(window_days(rule, between, ZONE)) == list(window_days(rule, now, ZONE))
    assert list(window_days(rule, turn, ZONE)) == list(window_days(rule, now, ZONE))


@given(rule=st.builds(WindowRule, st.integers(1, 20), TIMES, TIMES), now=MOMENTS)
def test_the_turns_of_a_day_are_its_release_its_stop_and_its_end(rule: WindowRule, now: datetime) -> None:
    turns = []
    moment = now
    for _ in range(6):
        turn = next_turn(rule, moment, ZONE)
        moment = turn + timedelta(microseconds=1)
        turns.append(moment.astimezone(ZONE).replace(microsecond=0).time())
    assert set(turns) <= {rule.release_time, rule.stop_time, time.min}
