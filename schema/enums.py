"""Enums of the domain as the graph publishes them."""

from datasources.cache.wechat_tickets import TicketStatus
from datasources.mongo.hospitals import HospitalSort
from datasources.sql.slot_ledger import HalfDay, ScheduleStatus
from datasources.sql.user_account import UserStatus, Verification
from domain.booking.days import DayState, ScheduleState
from domain.identity.accounts import AccountKind
from domain.money import Currency
from domain.problems import ProblemCode
from schema.binding import described_enum

described_enum(
    HospitalSort,
    "Order of a list of hospitals.",
    {
        "NAME": "By name, in the order of its pinyin.",
        "LEVEL": "The highest level first, then by name.",
        "CODE": "By the hospital's code.",
    },
)
described_enum(HalfDay, "Half of a day.", {"AM": "Morning (上午).", "PM": "Afternoon (下午)."})
described_enum(
    ScheduleStatus,
    "What the hospital allows with a session.",
    {
        "BOOKABLE": "Numbers may be taken (可预约).",
        "CLOSED": "Closed to booking; the doctor still sees patients (停约).",
        "WITHDRAWN": "The session does not take place (停诊).",
    },
)
described_enum(
    DayState,
    "State of one date of a department's calendar.",
    {
        "NO_SESSIONS": "No sessions (无号).",
        "COMING": "Numbers are released at `opensAt` (即将放号).",
        "AVAILABLE": "Numbers are left (有号).",
        "FULL": "All numbers are taken (约满).",
        "WITHDRAWN": "Every session was withdrawn (停诊).",
        "CLOSED": "Booking for the date has ended or is closed (已截止).",
    },
)
described_enum(
    ScheduleState,
    "What a patient can do with a session now.",
    {
        "COMING": "Numbers are released later (即将放号).",
        "AVAILABLE": "Numbers are left (有号).",
        "FULL": "All numbers are taken (约满).",
        "WITHDRAWN": "The session does not take place (停诊).",
        "CLOSED": "Booking has ended, is closed, or the date is outside the booking window (已截止).",
    },
)
described_enum(Currency, "A currency (ISO 4217).", {"CNY": "Renminbi (人民币)."})
described_enum(
    AccountKind,
    "Kinds of accounts that can be signed in to.",
    {"USER": "A patient's account.", "STAFF": "A staff member's account."},
)
described_enum(
    UserStatus,
    "Where a user's account stands.",
    {
        "ACTIVE": "It can be used.",
        "LOCKED": "The platform locked it; its sessions have ended.",
        "DELETING": "Its owner asked for its deletion and can take that back until `deleteAfter`.",
        "DELETED": "Its personal data is erased.",
    },
)
described_enum(
    Verification,
    "Whether the person behind an account is known by real name.",
    {
        "NONE": "No real name was submitted.",
        "PENDING": "A submission waits for its review.",
        "VERIFIED": "The real name is known.",
        "REJECTED": "The submission was rejected; another one may be made.",
    },
)
described_enum(
    ProblemCode,
    "Machine-readable name of a problem.",
    {
        "INVALID_INPUT": "Parts of the input cannot be taken; see `fields` or `items`.",
        "MISSING": "A value is required.",
        "TOO_LONG": "A value or list is longer than it may be.",
        "OUT_OF_RANGE": "A value lies outside its range.",
        "MALFORMED": "A value does not have its form.",
        "UNKNOWN_REFERENCE": "A code names nothing that exists.",
        "DUPLICATE": "The batch names the same thing twice.",
        "CYCLE": "The department would stand below itself.",
        "CAPACITY_BELOW_SOLD": "More numbers are sold than would be left.",
        "HAS_ORDERS": "Numbers of the session were sold, which forbids the change.",
        "STILL_IN_USE": "Something else still hangs on it.",
        "TOO_MANY_FILES": "There are as many such files as there may be at a time.",
        "NOT_FOUND": "There is no such thing.",
        "WRONG_PASSWORD": "The name, the password or the second factor is wrong.",
        "SECOND_FACTOR_NEEDED": "A code of the authenticator app, or a recovery code, is needed as well.",
        "SIGN_IN_LOCKED": "Sign-in is closed for a while, or by an administrator.",
        "CHANGED_MEANWHILE": "Somebody else changed it since the caller saw it; look at it again.",
        "TOO_MANY_BROADCASTS": "As many broadcasts were sent within a day as may be.",
        "BROADCAST_NOT_SO": "The broadcast stands where this can't be done to it.",
        "MESSAGE_NOT_FAILED": "The message was not given up, so it can't be tried anew.",
        "OWN_ACCOUNT": "Nobody may do this to their own account.",
        "LAST_ADMINISTRATOR": "The platform would be left without an administrator.",
        "BEYOND_OWN_RIGHTS": "The account has, or would get, rights that the caller lacks.",
        "CERTIFICATE_FORM": "The certificate's number has not the length or form of its kind.",
        "CERTIFICATE_PROVINCE": "The number begins with no province's code.",
        "CERTIFICATE_DATE": "The birth date in the number is no real date from 1900 to today.",
        "CERTIFICATE_CHECK_CHARACTER": "The number's check character does not match: a digit is mistyped.",
        "BIRTH_DATE_CONTRADICTS": "The stated birth date is not the one in the certificate's number.",
        "SEX_CONTRADICTS": "The stated sex is not the one in the certificate's number.",
        "TOO_MANY_PATIENTS": "The account has as many patients as it may have.",
        "TOO_MANY_REVEALS": "Details were shown in clear as often as they may be on one day.",
        "TOO_MANY_CONTRIBUTIONS": "Enough was written or reported for a day; wait until `nextAt`.",
        "TOO_MANY_EXPORTS": "The last export was made less than a day ago; wait until `nextAt`.",
        "CONSENT_NEEDED": "The owner has to agree to the use of such data first.",
        "VERIFICATION_UNDER_WAY": "An earlier submission waits for its review.",
        "ALREADY_VERIFIED": "The account is verified already.",
        "TOO_MANY_SUBMISSIONS": "The account handed in as often as it may on one day.",
        "ALREADY_DECIDED": "Another reviewer decided it before.",
        "CERTIFICATE_IN_USE": "Another account is verified by this certificate.",
        "TOO_MANY_CODES": "Too many codes were asked for; wait `retryAfterSeconds`.",
        "WORK_NEEDED": "Codes were sent before today; solve the challenge and ask again with `work`.",
        "WRONG_CODE": "The code is not the one that was sent, or it is no longer valid.",
        "TOO_MANY_TRIES": "Too many wrong tries; wait `retryAfterSeconds`.",
        "ACCOUNT_LOCKED": "The platform locked the account.",
        "SESSION_BUSY": "Another tab refreshed the session a moment ago; try again.",
        "SESSION_ENDED": "The session has ended; sign in again.",
        "PHONE_TAKEN": "Another account has this phone.",
        "WECHAT_UNAVAILABLE": "Signing in by WeChat is not possible now.",
        "WECHAT_SIGN_IN_ENDED": "That sign-in by WeChat has ended, is not as far, or is another browser's.",
        "PHONE_NEEDED": "A phone has to be proved first.",
        "OTHER_WECHAT_LINKED": "The phone's account has another WeChat already.",
        "DELETION_REQUESTED": "The account waits for its deletion already.",
        "CHECK_IN_NOT_OPEN": "It is too early to check in.",
        "CHECK_IN_CLOSED": "The half-day of the visit is over.",
        "NOT_PAID": "The order waits for its payment or for the hospital.",
        "ORDER_ENDED": "The order was cancelled or has lapsed.",
        "QUEUE_EMPTY": "Nobody waits for the session.",
        "NOT_CALLED": "The patient was not called yet.",
        "NOT_IN_QUEUE": "The patient has not checked in, or the visit is over.",
        "WAITLIST_NOT_NEEDED": "Numbers of the session are left; nobody has to wait.",
        "ALREADY_WAITING": "The person waits for the session already.",
        "TOO_MANY_WAITS": "The person waits for as many sessions as anybody may.",
        "OFFER_ENDED": "The waitlist entry has no offer that could be accepted: not yet, or no longer.",
        "IDEMPOTENCY_KEY_REUSED": "The idempotency key was used before with another input.",
        "HOSPITAL_LOCKED": "The platform locked the hospital.",
        "SLOT_SOLD_OUT": "Nothing is left of the session.",
        "SESSION_NOT_BOOKABLE": "The hospital closed or withdrew the session.",
        "HOSPITAL_NOT_BOOKABLE": "The hospital takes no bookings at present.",
        "BOOKING_NOT_OPEN": "Numbers of the date are released later.",
        "BOOKING_CLOSED": "Booking of the date has ended.",
        "ALREADY_BOOKED": "The person has a number in the department for the same half-day.",
        "BOOKING_LIMIT": "The person has as many visits in the period as anybody may have.",
        "PATIENT_BANNED": "The person missed too many visits.",
        "REAL_NAME_NEEDED": "The account is not known by real name.",
        "ACCOUNT_BEING_DELETED": "The account waits for its deletion.",
        "FEE_CHANGED": "The session costs something else than the caller expected.",
        "FRESH_CODE_NEEDED": "The account must prove its phone anew.",
        "ATTEMPT_IN_PROGRESS": "Another attempt at the same session is under way.",
        "CANCELLATION_CLOSED": "The time in which the number may be given back or moved is over.",
        "ORDER_NOT_CHANGEABLE": "The order stands where it can't be changed so.",
        "OTHER_DEPARTMENT": "An order moves within its own hospital's department only.",
        "SESSION_CHANGED": "The hospital changed the session meanwhile.",
        "SMS_ENROLMENT_ENDED": "The telephone's code is wrong, used or out of time.",
        "SMS_NOT_YOURS": "The message is not, or no more, this telephone's to send.",
        "SMS_NOT_CHANGEABLE": "The message is being sent, is over, or is a code.",
        "ORDER_NOT_PAYABLE": "Nothing is to be paid for the order, or not any more.",
        "PAYMENT_ENDED": "What was begun under the key can't be paid any more.",
        "PAYMENT_UNAVAILABLE": "The payment provider takes no payments now.",
        "HOSPITAL_KNOWN": "A hospital with this registration number has applied or joined already.",
        "TOO_MANY_APPLICATIONS": "The account has handed in as many applications as it may.",
        "APPLICATION_NOT_CHANGEABLE": "The application stands where this cannot be done to it.",
        "HOSPITAL_TAKEN_UP": "The hospital has a manager already.",
        "INVITATION_ENDED": "There is no such invitation any more.",
        "TOO_MANY_INVITATIONS": "The hospital has as many open invitations as it may.",
        "TOO_MANY_KEYS": "The hospital has as many live integration keys as it may.",
    },
)
described_enum(
    TicketStatus,
    "How far a sign-in by WeChat is.",
    {
        "WAITING": "Nobody has scanned yet.",
        "SCANNED": "Somebody consented in WeChat and is asked by this server to confirm.",
        "CONFIRMED": "Confirmed; `finishWeChatSignIn` signs in.",
        "NEEDS_PHONE": "Confirmed, but this WeChat has no account yet; `bindWeChatPhone` signs in.",
        "EXPIRED": "It took too long, WeChat did not answer, or it was finished; start again.",
        "REFUSED": "Whoever scanned declined.",
    },
)
