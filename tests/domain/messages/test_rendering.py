"""How variables are written for people."""

from zoneinfo import ZoneInfo

import pytest

from domain.language import Language
from domain.messages.kinds import Value
from domain.messages.rendering import written

ZONE = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("kind", "value", "chinese", "english"),
    [
        (Value.DOCTOR, "张晨", "张晨", "张晨"),
        (Value.DOCTOR, "", "普通门诊", "general session"),
        (Value.MONEY, "5", "5.00元", "CNY 5.00"),
        (Value.MOMENT, "2026-11-22T16:30:00+00:00", "11月23日周一 00:30", "Mon 23 Nov 00:30"),
        (Value.DATE, "2026-11-23", "11月23日周一", "Mon 23 Nov"),
        (Value.HALF_DAY, "PM", "下午", "afternoon"),
    ],
)
def test_each_kind_of_value_is_written_as_people_read_it(kind: Value, value: str, chinese: str, english: str) -> None:
    for language, said in ((Language.CHINESE, chinese), (Language.ENGLISH, english)):
        assert written({"it": value}, {"it": kind}, language, ZONE) == {"it": said}
