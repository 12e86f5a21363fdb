"""What previews are filled with: as long as such values commonly are. Pure."""

from collections.abc import Mapping
from types import MappingProxyType

SAMPLES: Mapping[str, str] = MappingProxyType(
    {
        "hospital": "首都医科大学附属北京天坛医院",
        "department": "神经内科门诊",
        "doctor": "林一鸣",
        "former_doctor": "周文",
        "title": "副主任医师",
        "patient": "张*",
        "date": "2026-11-25",
        "half_day": "AM",
        "number": "12",
        "order_number": "2611250000000001",
        "fee": "60.00",
        "cancel_until": "2026-11-24T15:30:00+08:00",
        "address": "门诊楼三层分诊台",
        "fetch_time": "2026-11-25T09:30:00+08:00",
        "pay_until": "2026-11-20T10:15:00+08:00",
        "amount": "60.00",
        "no_shows": "3",
        "until": "2027-02-18T00:00:00+08:00",
        "offer_until": "2026-11-20T10:30:00+08:00",
        "expires_at": "2026-11-27T10:00:00+08:00",
        "device": "iPhone · Safari",
        "at": "2026-11-20T10:00:00+08:00",
        "reason": "营业执照照片不清晰",
        "name": "王小明",
        "key": "hk_1a2b3c4d",
        "title_zh": "门诊楼入口调整",
        "body_zh": "请由东门进入门诊楼。",
        "title_en": "Another entrance",
        "body_en": "Please use the east entrance of the outpatient building.",
    }
)
"""By variable, in the form that messages are told with."""
