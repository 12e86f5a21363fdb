"""Administrators change the words of messages: versions are kept, stale changes refused, the new ones are told."""

from typing import Any

import pytest

from domain.messages.default_texts import DEFAULT_TEXTS
from domain.messages.kinds import MessageKind
from domain.messages.relay import relay_due
from domain.permissions import Role
from tests.domain.messages.people import LONG_AGO, desk_of, new_user, notifications_of, reminder, tell_long_ago
from tests.platform import Platform

TEMPLATE = (
    "kind language title body sms isDefault version smsUse variables { name isRequired } sample { body smsParts }"
)
LIST = f"query ($kind: MessageKind!) {{ messageTemplates(kind: $kind) {{ {TEMPLATE} }} }}"
VERSIONS = """query ($kind: MessageKind!) { messageTemplateVersions(kind: $kind, language: CHINESE) {
  totalCount nodes { version title isDefault } } }"""
PROBLEM = "... on Problem { code } ... on InvalidInput { fields { field code message } }"
CHANGE = f"""mutation ($input: ChangeMessageTemplateInput!) {{ changeMessageTemplate(input: $input) {{ __typename
  {PROBLEM} ... on MessageTemplateChanged {{ template {{ {TEMPLATE} }} }} }} }}"""
RESET = f"""mutation ($input: ResetMessageTemplateInput!) {{ resetMessageTemplate(input: $input) {{ __typename
  {PROBLEM} ... on MessageTemplateReset {{ template {{ {TEMPLATE} }} }} }} }}"""
PREVIEW = f"""query ($input: MessageTemplatePreviewInput!) {{ messageTemplatePreview(input: $input) {{ __typename
  {PROBLEM} ... on MessageTemplatePreview {{ title body sms smsParts smsEncoding }} }} }}"""


@pytest.fixture
async def token(platform: Platform) -> str:
    """An administrator's."""
    return (await platform.new_staff(Role.PLATFORM_ADMINISTRATOR)).token


async def call(platform: Platform, token: str, query: str, kind: str, **input: Any) -> Any:
    """The answer to one of the calls above about a kind's Chinese words."""
    given = {"input": {"kind": kind, "language": "CHINESE", **input}}
    (answer,) = (await platform.data(query, given, bearer=token, language="zh-CN")).values()
    return answer


async def in_force(platform: Platform, token: str, kind: str) -> Any:
    """The kind's Chinese words."""
    listed = (await platform.data(LIST, {"kind": kind}, bearer=token))["messageTemplates"]
    (chinese,) = [each for each in listed if each["language"] == "CHINESE"]
    return chinese


async def test_changed_words_are_said_from_then_on_and_the_old_ones_kept(platform: Platform, token: str) -> None:
    kind = "WAITLIST_ENDED"
    before = await in_force(platform, token, kind)
    body = "{hospital}{department}{date}{half_day}的候补已结束。"
    words = {"title": "候补结束", "body": body, "version": before["version"]}

    changed = (await call(platform, token, CHANGE, kind, **words))["template"]
    stale = await call(platform, token, CHANGE, kind, **words)

    assert (changed["title"], changed["isDefault"], changed["version"]) == ("候补结束", False, before["version"] + 1)
    assert (stale["__typename"], stale["code"]) == ("NotAllowed", "CHANGED_MEANWHILE")
    user = await new_user(platform.stores)
    session = dict.fromkeys(("hospital", "department", "title", "patient"), "x")
    told = reminder(
        user,
        kind=MessageKind.WAITLIST_ENDED,
        variables={**session, "date": "2026-11-25", "half_day": "AM"},
    )
    await tell_long_ago(platform.stores, told)
    await relay_due(desk_of(platform.stores), LONG_AGO)
    (notification,) = await notifications_of(platform.stores, user)
    assert notification.texts["zh-CN"] == {"title": "候补结束", "body": "xx11月25日周三上午的候补已结束。"}

    reset = (await call(platform, token, RESET, kind, version=changed["version"]))["template"]
    own = DEFAULT_TEXTS[MessageKind(kind), "zh-CN"]  # type: ignore[index]
    assert (reset["title"], reset["isDefault"], reset["version"]) == (own.title, True, changed["version"] + 1)
    kept = (await platform.data(VERSIONS, {"kind": kind}, bearer=token))["messageTemplateVersions"]["nodes"]
    assert [(each["title"], each["isDefault"]) for each in kept[:2]] == [(own.title, True), ("候补结束", False)]


async def test_what_is_wrong_with_words_is_said_by_name_before_and_when_they_are_saved(
    platform: Platform, token: str
) -> None:
    wrong = {"title": "题", "body": "{hospital}{doktor}"}
    preview = await call(platform, token, PREVIEW, "ORDER_BOOKED", **wrong)
    refused = await call(platform, token, CHANGE, "ORDER_BOOKED", version=0, **wrong)

    assert preview == refused
    assert [each["field"] for each in preview["fields"]] == ["body", "body"]
    assert "doktor" in preview["fields"][0]["message"]
    assert "department, date, half_day" not in preview["fields"][1]["message"]
    assert "date, department, half_day" in preview["fields"][1]["message"]


async def test_a_preview_shows_the_words_with_a_samples_values(platform: Platform, token: str) -> None:
    words = {"title": "新设备", "body": "{at}在{device}登录"}
    preview = await call(platform, token, PREVIEW, "NEW_DEVICE", **words)
    assert preview["body"] == "11月20日周五 10:00在iPhone · Safari登录"
    assert (preview["sms"], preview["smsParts"]) == ("", 0)

    visit = "{hospital}{department}{date}{half_day}"
    preview = await call(platform, token, PREVIEW, "ORDER_PAID", title="题", body=visit, sms=visit + "详情" * 60)
    assert (preview["sms"][:11], preview["smsParts"], preview["smsEncoding"]) == ("【HTBooking】", 3, "SIXTEEN_BIT")
    long = await call(platform, token, CHANGE, "ORDER_PAID", version=0, title="题", body=visit, sms=visit + "长" * 300)
    assert [(each["field"], each["code"]) for each in long["fields"]] == [("sms", "TOO_LONG")]


async def test_a_list_says_what_the_words_may_and_must_name(platform: Platform, token: str) -> None:
    words = await in_force(platform, token, "REFUND_DONE")
    needed = {each["name"] for each in words["variables"] if each["isRequired"]}
    assert needed == {"hospital", "department", "date", "half_day", "amount"}
    assert (words["smsUse"], words["sample"]["smsParts"] >= 1) == ("IF_CHOSEN", True)
