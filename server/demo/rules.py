"""Booking rules of the demo's hospitals: no two need be alike."""

from datasources.mongo.documents import BookingRule
from server.demo.draws import Draws

_CYCLES = (7, 7, 7, 8, 10, 14)
_RELEASE_TIMES = ("07:00", "07:30", "08:00", "08:30", "08:30", "09:30")
_STOP_TIMES = ("10:30", "11:30", "11:30", "14:30", "16:00")
_QUITS = ((-1, "15:30"), (-1, "15:30"), (-1, "17:00"), (-1, "12:00"), (0, "08:00"))


def rule_of(hospital_code: str) -> BookingRule:
    """This hospital's rule."""
    draws = Draws(f"rule:{hospital_code}")
    quit_day, quit_time = draws.pick(_QUITS)
    rule = BookingRule(
        cycle=draws.pick(_CYCLES),
        release_time=draws.pick(_RELEASE_TIMES),
        stop_time=draws.pick(_STOP_TIMES),
        quit_day=quit_day,
        quit_time=quit_time,
    )
    rule.rules = [
        f"可预约{rule.cycle}天内的号源，每日{rule.release_time}放出新一天的号。",
        f"当日号源{rule.stop_time}停止挂号。",
        f"如需退号，请在{'就诊前一日' if quit_day else '就诊当日'}{quit_time}前办理，逾期不能退号。",
        "请持预约时登记的有效证件原件就诊，在约定时段内取号。",
    ]
    return rule
