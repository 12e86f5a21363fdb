"""What the words of a kind must be like: only its own variables, those that people can't do without, no endless SMS.
Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo
from types import MappingProxyType

from domain.language import Language, Words
from domain.messages.channels import SMS_USE, SmsUse
from domain.messages.kinds import VARIABLES, MessageKind
from domain.messages.rendering import Text, places_in, rendered, written
from domain.messages.signing import signed
from domain.messages.templates.samples import SAMPLES
from domain.plain_text import plain_line, plain_text
from domain.problems import FieldProblem, ProblemCode
from domain.sms.parts import SmsEncoding, encoding_of, parts_of

LONGEST = MappingProxyType({"title": 80, "body": 1_000, "sms": 400})
MOST_PARTS = 4

_VISIT = frozenset({"hospital", "department", "date", "half_day"})
_K = MessageKind
_MORE: Mapping[MessageKind, frozenset[str]] = MappingProxyType(
    {
        _K.ORDER_RESERVED: frozenset({"pay_until"}),
        _K.VISIT_TIME_CHANGED: frozenset({"fetch_time"}),
        _K.PAYMENT_DUE_SOON: frozenset({"pay_until"}),
        _K.REFUND_DONE: frozenset({"amount"}),
        _K.WAITLIST_OFFERED: frozenset({"offer_until"}),
        _K.BOOKING_BANNED: frozenset({"patient", "until"}),
        _K.EXPORT_READY: frozenset({"expires_at"}),
        _K.NEW_DEVICE: frozenset({"device", "at"}),
        _K.HOSPITAL_LOCKED: frozenset({"reason"}),
        _K.KEY_ISSUED: frozenset({"key"}),
        _K.KEY_REVOKED: frozenset({"key"}),
        _K.HOSPITAL_NOTICE: frozenset({"hospital"}),
    }
)

_LENGTH = Words(
    "须为 1 至 {most} 个字符，不含控制字符。", "It has 1 to {most} characters, no control characters among them."
)
_BRACES = Words(
    "花括号只能用于变量，例如 {example}。", "Braces stand around the names of variables only, as in {example}."
)
_UNKNOWN = Words("没有变量 {names}。可用的变量：{known}。", "There is no variable {names}. There are: {known}.")
_MISSING = Words("缺少必需的变量：{names}。", "These variables are needed: {names}.")
_NO_SMS = Words("此类消息不发短信，请留空。", "This kind never goes by SMS; leave it empty.")
_SMS_NEEDED = Words("此类消息一定发短信，不能留空。", "This kind always goes by SMS; it can't be empty.")
_PARTS = Words(
    "按示例数据需 {parts} 条短信，至多 {most} 条。",
    "With the sample's values it takes {parts} parts, of at most {most}.",
)


@dataclass(frozen=True, slots=True)
class TemplatePreview:
    """How words read with a sample's values."""

    text: Text
    """With the SMS signed, as it is sent; empty where none is."""
    sms_parts: int
    """0 where none is sent."""
    sms_encoding: SmsEncoding


def required(kind: MessageKind, language: Language) -> frozenset[str]:
    """The variables that body and SMS of a kind can't do without."""
    if "body_zh" in VARIABLES[kind]:
        own = "body_zh" if language is Language.CHINESE else "body_en"
        return _MORE.get(kind, frozenset()) | {own}
    visit = _VISIT if "half_day" in VARIABLES[kind] else frozenset()
    return visit | _MORE.get(kind, frozenset())


def cleaned(kind: MessageKind, language: Language, given: Text) -> Text | list[FieldProblem]:
    """The words as they are stored, or everything that is wrong with them."""
    problems: list[FieldProblem] = []
    clean: dict[str, str] = {}
    for field in ("title", "body", "sms"):
        text = (plain_line if field == "title" else plain_text)(getattr(given, field))
        clean[field] = text or ""
        if text is None or len(text) > LONGEST[field] or (not text and field != "sms"):
            problems.append(FieldProblem(field, ProblemCode.MALFORMED, _LENGTH, {"most": LONGEST[field]}))
        else:
            problems += _variable_problems(kind, language, field, text)
    use = SMS_USE[kind]
    if use is SmsUse.NEVER and clean["sms"]:
        problems.append(FieldProblem("sms", ProblemCode.OUT_OF_RANGE, _NO_SMS))
    if use is SmsUse.ALWAYS and not clean["sms"]:
        problems.append(FieldProblem("sms", ProblemCode.MISSING, _SMS_NEEDED))
    return problems or Text(**clean)


def length_problems(preview: TemplatePreview) -> list[FieldProblem]:
    """That its SMS is too long."""
    if preview.sms_parts <= MOST_PARTS:
        return []
    values = {"parts": preview.sms_parts, "most": MOST_PARTS}
    return [FieldProblem("sms", ProblemCode.TOO_LONG, _PARTS, values)]


def previewed(kind: MessageKind, language: Language, text: Text, zone: tzinfo) -> TemplatePreview:
    """How these words, which are clean, read with a sample's values."""
    values = written(SAMPLES, VARIABLES[kind], language, zone)
    sms = signed(rendered(text.sms, values), language) if text.sms else ""
    shown = Text(rendered(text.title, values), rendered(text.body, values), sms)
    return TemplatePreview(shown, parts_of(sms) if sms else 0, encoding_of(sms))


def _variable_problems(kind: MessageKind, language: Language, field: str, text: str) -> list[FieldProblem]:
    known = VARIABLES[kind]
    try:
        used = places_in(text)
    except ValueError:
        return [FieldProblem(field, ProblemCode.MALFORMED, _BRACES, {"example": "{" + next(iter(known), "name") + "}"})]
    problems = []
    unknown = sorted(used - known.keys())
    if unknown:
        values = {"names": ", ".join(unknown), "known": ", ".join(known) or "—"}
        problems.append(FieldProblem(field, ProblemCode.UNKNOWN_REFERENCE, _UNKNOWN, values))
    missing = sorted(required(kind, language) - used) if field != "title" and text else []
    if missing:
        problems.append(FieldProblem(field, ProblemCode.MISSING, _MISSING, {"names": ", ".join(missing)}))
    return problems
