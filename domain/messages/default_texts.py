"""What each kind of message says unless administrators changed it."""

from collections.abc import Mapping
from types import MappingProxyType

from domain.language import Language
from domain.messages.kinds import MessageKind
from domain.messages.rendering import Text

_VISIT_ZH = "{hospital}|{department}|{title}，{date}{half_day}，{number}号，就诊人{patient}"
_VISIT_EN = "{hospital}, {department}, {title}: {date} {half_day}, number {number}, for {patient}"
_SHORT_ZH = "{hospital}{department}{date}{half_day}"
_SHORT_EN = "{hospital} {department} on {date} ({half_day})"

_ZH: dict[MessageKind, Text] = {
    MessageKind.ORDER_REQUESTED: Text("等待医院确认", f"{_VISIT_ZH}。医院确认后会通知您。"),
    MessageKind.ORDER_RESERVED: Text(
        "号源已保留，请支付", f"{_VISIT_ZH}。医事服务费{{fee}}，请在{{pay_until}}前支付。"
    ),
    MessageKind.ORDER_BOOKED: Text(
        "预约成功",
        f"{_VISIT_ZH}。医事服务费{{fee}}。最迟{{cancel_until}}可取消。取号地点：{{address}}",
        f"预约成功：{_SHORT_ZH}{{number}}号，{{patient}}。最迟{{cancel_until}}可取消。",
    ),
    MessageKind.ORDER_PAID: Text(
        "支付成功，预约已确认",
        f"{_VISIT_ZH}。已付{{fee}}。最迟{{cancel_until}}可取消并退款。取号地点：{{address}}",
        f"预约成功，已付{{fee}}：{_SHORT_ZH}{{number}}号，{{patient}}。最迟{{cancel_until}}可取消。",
    ),
    MessageKind.ORDER_REJECTED: Text(
        "医院未接受预约",
        f"{_VISIT_ZH}。医院未接受此次预约，请选择其他号源。",
        f"{_SHORT_ZH}的预约未被医院接受，请另选号源。",
    ),
    MessageKind.ORDER_UNANSWERED: Text("预约未成功", f"{_VISIT_ZH}。医院未在时限内确认，号源已释放，您未被收费。"),
    MessageKind.ORDER_UNPAID: Text("超时未支付，预约已取消", f"{_VISIT_ZH}。未在时限内支付，号源已释放。"),
    MessageKind.ORDER_CANCELLED: Text("预约已取消", f"{_VISIT_ZH}。您已取消此预约；已付费用将原路退回。"),
    MessageKind.ORDER_CANCELLED_BY_HOSPITAL: Text(
        "医院取消了预约",
        f"{_VISIT_ZH}。医院取消了此预约；已付费用将原路退回。",
        f"医院取消了您{_SHORT_ZH}的预约，已付费用将原路退回。",
    ),
    MessageKind.ORDER_CANCELLED_BY_PLATFORM: Text(
        "平台取消了预约",
        f"{_VISIT_ZH}。平台取消了此预约；已付费用将原路退回。",
        f"平台取消了您{_SHORT_ZH}的预约，已付费用将原路退回。",
    ),
    MessageKind.ORDER_RESCHEDULED: Text(
        "改签成功",
        f"新的预约：{_VISIT_ZH}。最迟{{cancel_until}}可取消。取号地点：{{address}}",
        f"改签成功：{_SHORT_ZH}{{number}}号，{{patient}}。",
    ),
    MessageKind.SESSION_WITHDRAWN: Text(
        "停诊通知",
        f"{_VISIT_ZH}。医院已停诊，预约已取消，已付费用将原路退回，不计入您的取消次数。",
        f"停诊通知：{_SHORT_ZH}停诊，{{patient}}的预约已取消，已付费用原路退回。",
    ),
    MessageKind.DOCTOR_SUBSTITUTED: Text(
        "出诊医生变更",
        f"{_VISIT_ZH}。原{{former_doctor}}医生的号改由{{doctor}}出诊，您的序号和时间不变。如不接受，最迟{{cancel_until}}可退号，费用全额退回。",
        f"医生变更：{_SHORT_ZH}{{patient}}的预约改由{{doctor}}出诊。不接受可在{{cancel_until}}前全额退号。",
    ),
    MessageKind.VISIT_TIME_CHANGED: Text(
        "取号时间变更",
        f"{_VISIT_ZH}。医院已调整就诊时段，请于{{fetch_time}}取号，您的序号不变。如不接受，最迟{{cancel_until}}可退号，费用全额退回。",
        f"时间变更：{_SHORT_ZH}{{patient}}请改为{{fetch_time}}取号。不接受可在{{cancel_until}}前全额退号。",
    ),
    MessageKind.PAYMENT_DUE_SOON: Text(
        "预约即将因未支付失效",
        f"{_VISIT_ZH}。请在{{pay_until}}前支付{{fee}}，否则号源将释放。",
        f"{_SHORT_ZH}的预约尚未支付，请在{{pay_until}}前支付{{fee}}。",
    ),
    MessageKind.REFUND_DONE: Text(
        "退款完成", f"{_VISIT_ZH}。{{amount}}已退回原支付账户。", f"{_SHORT_ZH}的{{amount}}已退回原支付账户。"
    ),
    MessageKind.REMINDER_DAY_BEFORE: Text(
        "明日就诊提醒",
        f"{_VISIT_ZH}。请按时到{{address}}取号。",
        f"就诊提醒：明天{_SHORT_ZH}{{number}}号，{{patient}}，请按时取号。",
    ),
    MessageKind.REMINDER_SAME_DAY: Text(
        "今日就诊提醒",
        f"{_VISIT_ZH}。请按时到{{address}}取号。",
        f"就诊提醒：今天{_SHORT_ZH}{{number}}号，{{patient}}，请按时取号。",
    ),
    MessageKind.NO_SHOW: Text("爽约记录", f"{_VISIT_ZH}。您未取号就诊，已记爽约一次。"),
    MessageKind.BOOKING_BANNED: Text(
        "暂停预约", "就诊人{patient}今年已爽约{no_shows}次，{until}前不能预约。已有预约仍可取消。"
    ),
    MessageKind.BAN_LIFTED: Text("恢复预约", "您的一位就诊人现在可以预约了。"),
    MessageKind.WAITLIST_OFFERED: Text(
        "候补有号",
        "{hospital}|{department}|{title}，{date}{half_day}，就诊人{patient}。号源为您保留至{offer_until}，请尽快确认。",
        f"候补有号：{_SHORT_ZH}，为{{patient}}保留至{{offer_until}}，请登录确认。",
    ),
    MessageKind.WAITLIST_OFFER_LAPSED: Text(
        "候补号源已释放", "{hospital}|{department}|{title}，{date}{half_day}，就诊人{patient}。您未在时限内确认。"
    ),
    MessageKind.WAITLIST_ENDED: Text(
        "候补已结束",
        "{hospital}|{department}|{title}，{date}{half_day}，就诊人{patient}。此次候补已结束，未能取得号源。",
    ),
    MessageKind.VERIFICATION_PASSED: Text("实名认证已通过", "您的实名认证已通过，现在可以预约挂号。"),
    MessageKind.VERIFICATION_REJECTED: Text("实名认证未通过", "您的实名认证未通过。请查看原因后重新提交。"),
    MessageKind.EXPORT_READY: Text("个人数据导出已完成", "导出文件可下载至{expires_at}。"),
    MessageKind.EXPORT_FAILED: Text("个人数据导出未完成", "此次导出未能完成，请重新申请。"),
    MessageKind.NEW_DEVICE: Text(
        "新设备登录", "您的账号于{at}在新设备（{device}）登录。如非本人操作，请立即在“登录设备”中将其退出。"
    ),
    MessageKind.HOSPITAL_APPLIED: Text(
        "入驻申请已提交", "{hospital}的入驻申请已提交，编号{number}。审核结果会通知您。"
    ),
    MessageKind.HOSPITAL_APPROVED: Text(
        "入驻申请已通过",
        "{hospital}的入驻申请（{number}）已通过。请在“我的入驻申请”中领取首位管理员的邀请链接。",
        "{hospital}的入驻申请（{number}）已通过，请登录领取管理员邀请链接。",
    ),
    MessageKind.HOSPITAL_REJECTED: Text(
        "入驻申请未通过",
        "{hospital}的入驻申请（{number}）未通过：{reason} 更正后可重新提交。",
        "{hospital}的入驻申请（{number}）未通过，请登录查看原因，更正后可重新提交。",
    ),
    MessageKind.HOSPITAL_LOCKED: Text(
        "医院已被平台锁定", "原因：{reason} 锁定期间不接受推送，停止放号；已有预约不受影响。请联系平台。"
    ),
    MessageKind.HOSPITAL_UNLOCKED: Text("医院已解除锁定", "可以恢复推送；医院现为下线状态，请确认后重新上线。"),
    MessageKind.STAFF_JOINED: Text("新成员加入", "{name}已接受邀请，加入本院工作人员。如有疑问，请立即核实。"),
    MessageKind.KEY_ISSUED: Text("新的集成密钥", "本院有了新的集成密钥{key}。如非本院操作，请立即吊销并联系平台。"),
    MessageKind.KEY_REVOKED: Text("集成密钥已吊销", "本院的集成密钥{key}已被吊销，使用它的系统将无法连接。"),
    MessageKind.NOTICE: Text("{title_zh}", "{body_zh}", "{body_zh}"),
    MessageKind.HOSPITAL_NOTICE: Text("{title_zh}", "{hospital}：{body_zh}", "{hospital}：{body_zh}"),
}
_EN: dict[MessageKind, Text] = {
    MessageKind.ORDER_REQUESTED: Text(
        "Waiting for the hospital", f"{_VISIT_EN}. You will be told when the hospital has answered."
    ),
    MessageKind.ORDER_RESERVED: Text(
        "Number reserved: please pay", f"{_VISIT_EN}. Please pay {{fee}} by {{pay_until}}."
    ),
    MessageKind.ORDER_BOOKED: Text(
        "Booked",
        f"{_VISIT_EN}. Fee {{fee}}. You may cancel until {{cancel_until}}. Check in at: {{address}}",
        f"Booked: {_SHORT_EN}, number {{number}}, {{patient}}. Cancel until {{cancel_until}}.",
    ),
    MessageKind.ORDER_PAID: Text(
        "Paid and booked",
        f"{_VISIT_EN}. Paid {{fee}}. You may cancel for a refund until {{cancel_until}}. Check in at: {{address}}",
        f"Booked, {{fee}} paid: {_SHORT_EN}, number {{number}}, {{patient}}. Cancel until {{cancel_until}}.",
    ),
    MessageKind.ORDER_REJECTED: Text(
        "Not accepted by the hospital",
        f"{_VISIT_EN}. The hospital did not accept this booking; please choose another session.",
        f"The hospital did not accept your booking: {_SHORT_EN}. Please choose another session.",
    ),
    MessageKind.ORDER_UNANSWERED: Text(
        "Booking not made", f"{_VISIT_EN}. The hospital did not answer in time. Nothing was charged."
    ),
    MessageKind.ORDER_UNPAID: Text("Booking lapsed unpaid", f"{_VISIT_EN}. It was not paid in time."),
    MessageKind.ORDER_CANCELLED: Text(
        "Booking cancelled", f"{_VISIT_EN}. You cancelled this booking; what was paid goes back the way it came."
    ),
    MessageKind.ORDER_CANCELLED_BY_HOSPITAL: Text(
        "Cancelled by the hospital",
        f"{_VISIT_EN}. The hospital cancelled this booking; what was paid goes back the way it came.",
        f"The hospital cancelled your booking: {_SHORT_EN}. Payments are refunded.",
    ),
    MessageKind.ORDER_CANCELLED_BY_PLATFORM: Text(
        "Cancelled by the platform",
        f"{_VISIT_EN}. The platform cancelled this booking; what was paid goes back the way it came.",
        f"The platform cancelled your booking: {_SHORT_EN}. Payments are refunded.",
    ),
    MessageKind.ORDER_RESCHEDULED: Text(
        "Booking moved",
        f"Your new booking: {_VISIT_EN}. You may cancel until {{cancel_until}}. Check in at: {{address}}",
        f"Your booking was moved: {_SHORT_EN}, number {{number}}, {{patient}}.",
    ),
    MessageKind.SESSION_WITHDRAWN: Text(
        "Session withdrawn",
        f"{_VISIT_EN}. The hospital withdrew this session, so the booking is cancelled and payments are refunded. "
        "It does not count as your cancellation.",
        f"Session withdrawn: {_SHORT_EN}. The booking of {{patient}} is cancelled; payments are refunded.",
    ),
    MessageKind.DOCTOR_SUBSTITUTED: Text(
        "Another doctor",
        f"{_VISIT_EN}. Dr {{doctor}} will be there in place of {{former_doctor}}; your number and time stay. You"
        " may also give it back until {cancel_until} and get everything back.",
        f"{_SHORT_EN}: {{doctor}} will see {{patient}} in place of {{former_doctor}}. You may cancel free until"
        " {cancel_until}.",
    ),
    MessageKind.VISIT_TIME_CHANGED: Text(
        "Another time",
        f"{_VISIT_EN}. The hospital moved its times: please come at {{fetch_time}}; your number stays. You may also"
        " give it back until {cancel_until} and get everything back.",
        f"{_SHORT_EN}: {{patient}} is now wanted at {{fetch_time}}. You may cancel free until {{cancel_until}}.",
    ),
    MessageKind.PAYMENT_DUE_SOON: Text(
        "Payment about to expire",
        f"{_VISIT_EN}. Pay {{fee}} by {{pay_until}}, or the number goes back on sale.",
        f"Not paid yet: {_SHORT_EN}. Pay {{fee}} by {{pay_until}}.",
    ),
    MessageKind.REFUND_DONE: Text(
        "Refund done", f"{_VISIT_EN}. {{amount}} went back the way it was paid.", f"Refunded {{amount}}: {_SHORT_EN}."
    ),
    MessageKind.REMINDER_DAY_BEFORE: Text(
        "Your visit tomorrow",
        f"{_VISIT_EN}. Please check in on time at {{address}}.",
        f"Tomorrow: {_SHORT_EN}, number {{number}}, {{patient}}. Please check in on time.",
    ),
    MessageKind.REMINDER_SAME_DAY: Text(
        "Your visit today",
        f"{_VISIT_EN}. Please check in on time at {{address}}.",
        f"Today: {_SHORT_EN}, number {{number}}, {{patient}}. Please check in on time.",
    ),
    MessageKind.NO_SHOW: Text("Missed visit", f"{_VISIT_EN}. Nobody checked in, so it counts as missed."),
    MessageKind.BOOKING_BANNED: Text(
        "Booking suspended",
        "{patient} missed {no_shows} visits this year and cannot be booked for until {until}. "
        "Existing bookings can still be cancelled.",
    ),
    MessageKind.BAN_LIFTED: Text("Booking possible again", "One of your patients can be booked for again."),
    MessageKind.WAITLIST_OFFERED: Text(
        "A place for you",
        "{hospital}, {department}, {title}: {date} {half_day}, for {patient}. It is held until {offer_until}; "
        "please accept it soon.",
        f"A place is held for {{patient}} until {{offer_until}}: {_SHORT_EN}. Sign in to accept it.",
    ),
    MessageKind.WAITLIST_OFFER_LAPSED: Text(
        "The offered place passed on",
        "{hospital}, {department}, {title}: {date} {half_day}, for {patient}. It was not accepted in time.",
    ),
    MessageKind.WAITLIST_ENDED: Text(
        "Waiting is over",
        "{hospital}, {department}, {title}: {date} {half_day}, for {patient}. No place came free for you.",
    ),
    MessageKind.VERIFICATION_PASSED: Text("Verified", "You are known by real name now and may book."),
    MessageKind.VERIFICATION_REJECTED: Text(
        "Not verified", "Your real name could not be verified. Look at the reason and hand it in again."
    ),
    MessageKind.EXPORT_READY: Text("Your data export is ready", "It can be downloaded until {expires_at}."),
    MessageKind.EXPORT_FAILED: Text("Your data export failed", "It could not be made. Please ask for another."),
    MessageKind.NEW_DEVICE: Text(
        "Sign-in on a new device",
        "Your account was signed in to on a new device ({device}) at {at}. If that was not you, end that session under "
        "your devices at once.",
    ),
    MessageKind.HOSPITAL_APPLIED: Text(
        "Application handed in",
        "The application of {hospital} to join was handed in as {number}. You will be told of the decision.",
    ),
    MessageKind.HOSPITAL_APPROVED: Text(
        "Application approved",
        "The application of {hospital} ({number}) was approved. Fetch the first manager's invitation from your "
        "applications.",
        "The application of {hospital} ({number}) was approved. Sign in to fetch the manager's invitation.",
    ),
    MessageKind.HOSPITAL_REJECTED: Text(
        "Application not approved",
        "The application of {hospital} ({number}) was not approved: {reason} It can be corrected and handed in again.",
        "The application of {hospital} ({number}) was not approved. Sign in to read why and correct it.",
    ),
    MessageKind.HOSPITAL_LOCKED: Text(
        "The platform locked the hospital",
        "Reason: {reason} Until it is unlocked, pushes are refused and nothing can be booked; orders stay. "
        "Please contact the platform.",
    ),
    MessageKind.HOSPITAL_UNLOCKED: Text(
        "The hospital was unlocked", "Pushes are taken again. The hospital is offline now; bring it online when ready."
    ),
    MessageKind.STAFF_JOINED: Text(
        "Somebody joined", "{name} accepted an invitation to the hospital's staff. If in doubt, look into it at once."
    ),
    MessageKind.KEY_ISSUED: Text(
        "A new integration key",
        "The hospital has a new integration key, {key}. If that wasn't you, revoke it and contact the platform.",
    ),
    MessageKind.KEY_REVOKED: Text(
        "An integration key was revoked",
        "The hospital's integration key {key} was revoked. Whatever uses it cannot connect any more.",
    ),
    MessageKind.NOTICE: Text("{title_en}", "{body_en}", "{body_en}"),
    MessageKind.HOSPITAL_NOTICE: Text("{title_en}", "{hospital}: {body_en}", "{hospital}: {body_en}"),
}

DEFAULT_TEXTS: Mapping[tuple[MessageKind, Language], Text] = MappingProxyType(
    {(kind, Language.CHINESE): text for kind, text in _ZH.items()}
    | {(kind, Language.ENGLISH): text for kind, text in _EN.items()}
)
"""Every kind in every language."""
