"""The words of messages: what may stand in them, what must, and how many parts an SMS takes."""

import pytest

from domain.language import Language
from domain.messages.channels import SMS_USE, SmsUse
from domain.messages.default_texts import DEFAULT_TEXTS
from domain.messages.kinds import VARIABLES, MessageKind
from domain.messages.rendering import Text
from domain.messages.templates.rules import MOST_PARTS, cleaned, length_problems, previewed, required
from domain.messages.templates.samples import SAMPLES
from tests.booked import POLICY

PAID = MessageKind.ORDER_PAID
ZH = Language.CHINESE
WHOLE = "{hospital}{department}{date}{half_day}"


@pytest.mark.parametrize("kind", MessageKind)
@pytest.mark.parametrize("language", Language)
def test_the_codes_own_words_keep_the_rules(kind: MessageKind, language: Language) -> None:
    text = DEFAULT_TEXTS[kind, language]
    assert cleaned(kind, language, text) == text
    preview = previewed(kind, language, text, POLICY.zone)
    assert length_problems(preview) == []
    assert bool(preview.text.sms) == (SMS_USE[kind] is not SmsUse.NEVER)
    assert "{" not in preview.text.title + preview.text.body + preview.text.sms


def test_there_is_a_sample_of_each_variable() -> None:
    assert {name for names in VARIABLES.values() for name in names} == SAMPLES.keys()
    assert all(required(kind, language) <= VARIABLES[kind].keys() for kind in MessageKind for language in Language)


@pytest.mark.parametrize(
    ("text", "field", "code", "names"),
    [
        (Text("题", WHOLE + "{nurse}{cure}", WHOLE), "body", "UNKNOWN_REFERENCE", "cure, nurse"),
        (Text("题", "{hospital}{date}", WHOLE), "body", "MISSING", "department, half_day"),
        (Text("题", WHOLE, "{hospital}{department}{date}"), "sms", "MISSING", "half_day"),
        (Text("{pay_until}", WHOLE, ""), "title", "UNKNOWN_REFERENCE", "pay_until"),
        (Text("题", WHOLE + "{ hospital }", ""), "body", "MALFORMED", None),
        (Text("题", WHOLE + "}", ""), "body", "MALFORMED", None),
        (Text("", WHOLE, ""), "title", "MALFORMED", None),
        (Text("两\n行", WHOLE, ""), "title", "MALFORMED", None),
        (Text("题", WHOLE + "\x07", ""), "body", "MALFORMED", None),
    ],
)
def test_what_is_wrong_is_named(text: Text, field: str, code: str, names: str | None) -> None:
    problems = cleaned(PAID, ZH, text)
    assert isinstance(problems, list)
    (problem,) = problems
    assert (problem.field, problem.code, problem.values.get("names")) == (field, code, names)
    assert names is None or names in problem.say(ZH)


def test_an_sms_stands_where_one_is_sent_and_nowhere_else() -> None:
    no_sms = cleaned(MessageKind.BAN_LIFTED, ZH, Text("题", "文", "短信"))
    needed = cleaned(MessageKind.SESSION_WITHDRAWN, ZH, Text("题", WHOLE, ""))
    for problems, code in ((no_sms, "OUT_OF_RANGE"), (needed, "MISSING")):
        assert isinstance(problems, list)
        assert [(each.field, each.code) for each in problems] == [("sms", code)]
    assert isinstance(cleaned(PAID, ZH, Text("题", WHOLE, "")), Text), "this one may do without"


def test_parts_are_counted_with_the_signature_in_the_alphabet_that_it_takes() -> None:
    kind = MessageKind.NOTICE
    for language, body, parts, encoding in (
        (ZH, "请由东门进入门诊楼。", 1, "SIXTEEN_BIT"),
        (Language.ENGLISH, "x", 1, "SEVEN_BIT"),
    ):
        own = "body_zh" if language is ZH else "body_en"
        preview = previewed(kind, language, Text("t", f"{{{own}}}", f"{{{own}}}"), POLICY.zone)
        assert (preview.sms_parts, preview.sms_encoding) == (parts, encoding), body
    long = previewed(kind, ZH, Text("t", "{body_zh}", "{body_zh}" + "长" * (67 * MOST_PARTS)), POLICY.zone)
    (problem,) = length_problems(long)
    assert (problem.code, problem.values["parts"]) == ("TOO_LONG", MOST_PARTS + 1)
