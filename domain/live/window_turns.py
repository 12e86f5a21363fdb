"""When a hospital's booking window next looks different by itself."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from domain.booking.window import WindowRule


def next_turn(rule: WindowRule, now: datetime, zone: ZoneInfo) -> datetime:
    """The last moment at which the window still looks as it does at `now`: today's release, today's stop, or the
    end of today, whichever comes first."""
    local = now.astimezone(zone)
    today = local.date()
    moments = [datetime.combine(today, moment, zone) for moment in (rule.release_time, rule.stop_time)]
    end = datetime.combine(today + timedelta(days=1), time.min, zone) - timedelta(microseconds=1)
    return min([moment for moment in moments if moment >= local], default=end)
