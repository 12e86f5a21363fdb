"""Which rule a certificate's number fails, in words for the person who typed it."""

from dataclasses import dataclass

from domain.language import Words
from domain.problems import FieldProblem, ProblemCode


@dataclass(frozen=True, slots=True)
class CertificateFault:
    """One failed rule."""

    code: ProblemCode
    words: Words

    def of_field(self, field: str) -> FieldProblem:
        """The fault as the problem of this input field."""
        return FieldProblem(field, self.code, self.words)


EMPTY = CertificateFault(ProblemCode.MISSING, Words("请填写证件号码。", "Enter the certificate's number."))
TOO_LONG = CertificateFault(
    ProblemCode.TOO_LONG, Words("证件号码过长，最多 40 位。", "The number is too long: at most 40 characters fit.")
)
CONTROL_CHARACTERS = CertificateFault(
    ProblemCode.MALFORMED, Words("证件号码含有控制字符。", "The number holds control characters.")
)
RESIDENT_ID_FORM = CertificateFault(
    ProblemCode.CERTIFICATE_FORM,
    Words(
        "居民身份证号码须为 18 位：17 位数字加一位数字或 X。",
        "A resident ID number has 18 characters: 17 digits, then a digit or X.",
    ),
)
PROVINCE = CertificateFault(
    ProblemCode.CERTIFICATE_PROVINCE,
    Words("证件号码前两位不是有效的省级代码。", "The first two digits are no province's code."),
)
DATE = CertificateFault(
    ProblemCode.CERTIFICATE_DATE,
    Words(
        "证件号码第 7 至 14 位须为 1900 年至今的真实日期。",
        "Digits 7 to 14 must be a real date from 1900 to today.",
    ),
)
CHECK_CHARACTER = CertificateFault(
    ProblemCode.CERTIFICATE_CHECK_CHARACTER,
    Words(
        "证件号码的校验位不符，请核对每一位。",
        "The number's check character does not match; compare it digit by digit.",
    ),
)
BIRTH_DATE_CONTRADICTS = CertificateFault(
    ProblemCode.BIRTH_DATE_CONTRADICTS,
    Words("出生日期与证件号码不一致。", "The birth date is not the one in the certificate's number."),
)
SEX_CONTRADICTS = CertificateFault(
    ProblemCode.SEX_CONTRADICTS,
    Words("性别与证件号码不一致。", "The sex is not the one in the certificate's number."),
)


def form(chinese: str, english: str) -> CertificateFault:
    """The number does not have the form of its kind."""
    return CertificateFault(ProblemCode.CERTIFICATE_FORM, Words(chinese, english))
