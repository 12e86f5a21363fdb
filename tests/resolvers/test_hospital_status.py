"""Whether a hospital takes bookings: as it likes, unless the platform has it locked."""

from typing import Any

from domain.permissions import Role
from tests.booking import book, booked, new_booker, new_session
from tests.onboarding import acts_on, done, told_of
from tests.platform import Hospital, Platform

ACCOUNT = "code status lockReason statusChangedAt bookingMode"
CHANGED = f"... on HospitalStatusChanged {{ changed account {{ {ACCOUNT} }} }} ... on Problem {{ code message }}"
SET = (
    f"""mutation ($input: SetHospitalOnlineInput!) {{ setHospitalOnline(input: $input) {{ __typename {CHANGED} }} }}"""
)
LOCK = f"""mutation ($input: LockHospitalInput!) {{ lockHospital(input: $input) {{ __typename {CHANGED}
  ... on InvalidInput {{ fields {{ field }} }} }} }}"""
UNLOCK = f"""mutation ($input: UnlockHospitalInput!) {{ unlockHospital(input: $input) {{ __typename {CHANGED} }} }}"""
ACCOUNTS = f"""query ($text: String, $status: HospitalStatus) {{
  hospitalAccounts(text: $text, status: $status) {{ totalCount nodes {{ {ACCOUNT} }} }} }}"""
MINE = f"{{ myHospitalAccount {{ {ACCOUNT} }} }}"
FOUND = "query ($code: String!) { hospital(code: $code) { name bookingRule { cycle } } }"
CANCEL = "mutation ($input: CancelOrderInput!) { cancelOrder(input: $input) { __typename } }"
ORDER = "query ($id: ID!) { node(id: $id) { ... on Order { state } } }"


async def found(platform: Platform, hospital: Hospital) -> Any:
    """The hospital as patients find it."""
    return (await platform.data(FOUND, {"code": hospital.code}))["hospital"]


async def test_a_hospital_goes_offline_and_online_as_it_likes(platform: Platform) -> None:
    session, booker = await new_session(platform), await new_booker(platform)
    manager = await platform.new_staff(Role.HOSPITAL_MANAGER, hospital=session.hospital)
    shown = await found(platform, session.hospital)
    off = await done(platform, SET, manager.token, online=False)
    assert (off["changed"], off["account"]["status"]) == (True, "OFFLINE")
    assert (await done(platform, SET, manager.token, online=False))["changed"] is False
    assert await found(platform, session.hospital) is None
    assert (await book(platform, booker, session))["code"] == "HOSPITAL_NOT_BOOKABLE"
    pushed = await platform.push(session.hospital, "upsertDepartment", {"department": {"code": "12", "name": "外科"}})
    assert pushed["__typename"] == "DepartmentUpserted"
    online = await platform.data(SET, {"input": {"online": True}}, hospital=session.hospital)
    assert online["setHospitalOnline"]["account"]["status"] == "ONLINE"
    assert await found(platform, session.hospital) == shown
    await booked(platform, booker, session)
    assert await acts_on(platform, session.hospital.code) == ["HOSPITAL_OFFLINE", "HOSPITAL_ONLINE"]


async def test_a_locked_hospital_pushes_nothing_sells_nothing_and_keeps_its_orders(platform: Platform) -> None:
    session, booker = await new_session(platform), await new_booker(platform)
    operator = await platform.new_staff(Role.OPERATOR)
    manager = await platform.new_staff(Role.HOSPITAL_MANAGER, hospital=session.hospital)
    code, order = session.hospital.code, await booked(platform, booker, session)
    unsaid = await done(platform, LOCK, operator.token, hospitalCode=code, reason=" ")
    assert unsaid["fields"] == [{"field": "reason"}]
    locked = await done(platform, LOCK, operator.token, hospitalCode=code, reason="资质过期。")
    assert (locked["account"]["status"], locked["account"]["lockReason"]) == ("LOCKED", "资质过期。")
    pushed = await platform.push(session.hospital, "upsertDepartment", {"department": {"code": "12", "name": "外科"}})
    assert pushed["code"] == "HOSPITAL_LOCKED"
    assert (await book(platform, await new_booker(platform), session))["code"] == "HOSPITAL_NOT_BOOKABLE"
    assert await found(platform, session.hospital) is None
    assert (await done(platform, SET, manager.token, online=True))["code"] == "HOSPITAL_LOCKED"
    kept = await platform.data(ORDER, {"id": order["id"]}, bearer=booker.token)
    assert kept["node"]["state"] == order["state"]
    assert (await platform.data(MINE, hospital=session.hospital))["myHospitalAccount"]["lockReason"] == "资质过期。"
    cancel = {"orderId": order["id"], "idempotencyKey": order["id"]}
    cancelled = await platform.data(CANCEL, {"input": cancel}, bearer=booker.token)
    assert cancelled["cancelOrder"]["__typename"] == "OrderCancelled"
    unlocked = await done(platform, UNLOCK, operator.token, hospitalCode=code)
    assert (unlocked["account"]["status"], unlocked["account"]["lockReason"]) == ("OFFLINE", None)
    assert (await done(platform, SET, manager.token, online=True))["account"]["status"] == "ONLINE"
    assert await told_of(platform, code) == [("HOSPITAL_LOCKED", {"reason": "资质过期。"}), ("HOSPITAL_UNLOCKED", {})]
    assert await acts_on(platform, code) == ["HOSPITAL_LOCKED", "HOSPITAL_UNLOCKED", "HOSPITAL_ONLINE"]


async def test_accounts_are_found_whether_patients_find_the_hospitals_or_not(platform: Platform) -> None:
    operator, hospital = await platform.new_staff(Role.OPERATOR), await platform.new_hospital()
    await platform.data(SET, {"input": {"online": False}}, hospital=hospital)
    listed = await platform.data(ACCOUNTS, {"text": hospital.code, "status": "OFFLINE"}, bearer=operator.token)
    assert [each["code"] for each in listed["hospitalAccounts"]["nodes"]] == [hospital.code]
    listed = await platform.data(ACCOUNTS, {"text": hospital.code, "status": "LOCKED"}, bearer=operator.token)
    assert listed["hospitalAccounts"]["totalCount"] == 0
    assert (await platform.data(MINE, bearer=operator.token))["myHospitalAccount"] is None
    assert (await done(platform, LOCK, operator.token, hospitalCode="nowhere", reason="x"))["code"] == "NOT_FOUND"
