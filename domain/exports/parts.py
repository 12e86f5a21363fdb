"""What an export holds besides the files: one JSON document for each kind of data."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sealing import KeyRing
from domain.audit.export import export_activity
from domain.booking.export import export_bans, export_orders, export_waits
from domain.discussion.export import export_contributions
from domain.identity.export import export_account, export_sessions
from domain.language import Words
from domain.messages.export import export_notifications
from domain.onboarding.export import export_applications
from domain.patients.export import export_consents, export_patients
from domain.payments.export import export_payments
from domain.verification.export import export_verifications

Exporter = Callable[[AsyncSession, KeyRing, UUID], Awaitable[Any]]
"""One user's data of some tables, in clear and ready for JSON. Keys are in camelCase as in the graph, and stay."""


@dataclass(frozen=True, slots=True)
class Part:
    """One document of the zip."""

    name: str
    words: Words
    """What it holds, for the README."""
    export: Exporter


EXPORTERS: tuple[Part, ...] = (
    Part("account.json", Words("您的账号", "Your account"), export_account),
    Part("patients.json", Words("您添加的就诊人", "The patients whom you added"), export_patients),
    Part(
        "verifications.json",
        Words("您提交的实名认证", "What you handed in to be known by real name"),
        export_verifications,
    ),
    Part("orders.json", Words("您的预约及其经过", "Your orders, and what became of them"), export_orders),
    Part("payments.json", Words("您的支付与退款", "What you paid, and what came back"), export_payments),
    Part("waitlist.json", Words("您的候补记录", "Where you waited for a number"), export_waits),
    Part("bans.json", Words("就诊人的爽约限制", "When your patients could not be booked for"), export_bans),
    Part("consents.json", Words("您作出和撤回的同意", "What you agreed to, and took back"), export_consents),
    Part(
        "hospital-applications.json",
        Words("您为医院提交的入驻申请", "What you handed in for hospitals to join"),
        export_applications,
    ),
    Part("notifications.json", Words("平台给您的消息", "What the platform told you"), export_notifications),
    Part(
        "contributions.json",
        Words("您在讨论区写的内容", "What you wrote in the discussion area"),
        export_contributions,
    ),
    Part(
        "sessions.json",
        Words("您登录过的设备与网络地址", "The devices and addresses you signed in from"),
        export_sessions,
    ),
    Part(
        "activity.json",
        Words(
            "审计日志中与您有关的记录：何时、由哪类人员、做了什么",
            "What the audit log holds about you: when, what, and by whom in kind",
        ),
        export_activity,
    ),
)
"""Every table with users' personal data adds its part here, as it adds its eraser to `ERASERS`."""
