"""What callers hear when something goes wrong, and what they don't."""

import pytest
import redis.exceptions
from structlog.testing import capture_logs

from domain.callers import Caller, HospitalSystem
from domain.language import Words
from domain.refusals import Refusal, RefusalCode
from server.http.request_facts import RequestFacts
from tests.server.http.front_door import GRAPHQL, JSON, SECRET, FrontDoor, codes, front_door, only_error

REQUEST_ID = "proxy-42.example"


@pytest.mark.parametrize("field", ["broken", "brokenForAll", "brokenList { name }"])
async def test_a_fault_is_masked_and_found_by_its_request_id(door: FrontDoor, field: str) -> None:
    with capture_logs() as logs:
        response = await door.post(f"query Q {{ {field} }}", headers={"x-request-id": REQUEST_ID})
    assert response.status_code == 200
    assert "hunter2" not in response.text
    error = only_error(response)
    assert error["extensions"] == {"code": "INTERNAL", "requestId": REQUEST_ID}
    assert REQUEST_ID in error["message"]
    assert error["path"] == [field.partition(" ")[0]]
    [fault] = [line for line in logs if line["event"] == "fault"]
    assert SECRET in str(fault["exc_info"])


async def test_a_fault_outside_any_field_is_masked_too() -> None:
    async def authenticate(request: RequestFacts) -> Caller:
        raise RuntimeError(SECRET)

    door = front_door(authenticate=authenticate)
    response = await door.post("{ hello }")
    assert (response.status_code, codes(response)) == (500, ["INTERNAL"])
    assert "hunter2" not in response.text
    await door.http.aclose()


async def test_faults_of_many_rows_are_logged_a_few_times(door: FrontDoor) -> None:
    query = "{" + " ".join(f"a{n}: broken" for n in range(20)) + "}"
    with capture_logs() as logs:
        response = await door.post(query)
    assert len(response.json()["errors"]) == 20
    assert len([line for line in logs if line["event"] == "fault"]) == 5


async def test_a_refusal_in_a_field_has_its_code_and_the_callers_language(door: FrontDoor) -> None:
    for language, message in ("en", "The id x is wrong."), ("zh", "编号 x 不对。"):
        response = await door.post("{ hello refused }", headers={"accept-language": language})
        assert response.status_code == 200
        assert response.json()["data"] == {"hello": "hello world", "refused": None}
        error = only_error(response)
        assert (error["message"], error["extensions"], error["path"]) == (message, {"code": "BAD_ID"}, ["refused"])


async def test_a_store_that_is_down_is_named(door: FrontDoor) -> None:
    response = await door.post("{ hello needsRedis }")
    assert response.status_code == 200
    assert response.headers["retry-after"] == "2"
    assert response.json()["data"] == {"hello": "hello world", "needsRedis": None}
    assert only_error(response)["extensions"] == {
        "code": "SERVICE_UNAVAILABLE",
        "store": "redis",
        "retryAfterSeconds": 2,
    }
    assert "hunter2" not in response.text


@pytest.mark.parametrize("accept", [GRAPHQL, JSON])
async def test_nothing_answered_for_want_of_a_store_is_503(door: FrontDoor, accept: str) -> None:
    response = await door.post("{ needsRedisForAll }", accept=accept)
    assert (response.status_code, codes(response)) == (503, ["SERVICE_UNAVAILABLE"])
    assert response.headers["retry-after"] == "2"


async def test_authentication_that_needs_a_store_that_is_down_is_503() -> None:
    async def authenticate(request: RequestFacts) -> Caller:
        raise redis.exceptions.ConnectionError(SECRET)

    door = front_door(authenticate=authenticate)
    response = await door.post("{ hello }")
    assert (response.status_code, codes(response)) == (503, ["SERVICE_UNAVAILABLE"])
    assert response.headers["retry-after"] == "2"
    await door.http.aclose()


@pytest.mark.parametrize(
    ("code", "status"),
    [(RefusalCode.SIGNATURE_WRONG, 401), (RefusalCode.NONCE_REPLAYED, 401), (RefusalCode.HOSPITAL_LOCKED, 403)],
)
@pytest.mark.parametrize("accept", [GRAPHQL, JSON])
async def test_a_proof_that_does_not_hold_is_refused_before_the_document_is_read(
    code: RefusalCode, status: int, accept: str
) -> None:
    async def authenticate(request: RequestFacts) -> Caller:
        raise Refusal(code, Words("不成立", "It doesn't hold"))

    door = front_door(authenticate=authenticate)
    response = await door.post("{ not a document", accept=accept)
    assert (response.status_code, codes(response)) == (status, [code])
    assert ("www-authenticate" in response.headers) is (status == 401)
    await door.http.aclose()


async def test_the_log_line_names_the_caller_and_nothing_secret() -> None:
    async def authenticate(request: RequestFacts) -> Caller:
        return HospitalSystem(hospital_code="H001", key_id="k1")

    door = front_door(authenticate=authenticate)
    with capture_logs() as logs:
        await door.post(
            "query Greet($n: String) { hello(name: $n) }", variables={"n": "a person"}, headers={"authorization": "tok"}
        )
    [line] = [line for line in logs if line["event"] == "graphql"]
    assert line["operation"] == "Greet"
    assert (line["caller"], line["outcome"], line["kind"], line["status"]) == ("hospital:H001", "ok", "query", 200)
    assert line["ms"] >= 0
    assert "a person" not in str(logs)
    assert "tok" not in str(logs).split()
    await door.http.aclose()


async def test_a_sane_request_id_is_taken_over(door: FrontDoor) -> None:
    response = await door.post("{ requestId }", headers={"x-request-id": REQUEST_ID})
    assert response.json() == {"data": {"requestId": REQUEST_ID}}
    assert response.headers["x-request-id"] == REQUEST_ID


@pytest.mark.parametrize("given", ["short", "x" * 65, 'evil"\tid"here', "<script>alert(1)"])
async def test_any_other_request_id_is_replaced(door: FrontDoor, given: str) -> None:
    response = await door.post("{ requestId }", headers={"x-request-id": given})
    made = response.headers["x-request-id"]
    assert made != given
    assert len(made) == 16
    assert response.json() == {"data": {"requestId": made}}
