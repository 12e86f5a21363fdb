"""The SDK signs what it sends, and says clearly what went wrong."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import httpx
import pytest

from domain.integration.authorization_header import parse_authorization
from domain.integration.signature import signature_holds
from htbooking_hospital import (
    BadRequestError,
    BookingRule,
    Department,
    HalfDay,
    Hospital,
    HospitalClient,
    HospitalLockedError,
    InvalidInputError,
    KeyRefusedError,
    KeyReusedError,
    RefusedError,
    Retries,
    RightsError,
    Schedule,
    ScheduleSlice,
    SignatureError,
    UnavailableError,
    UnreachableError,
    UnreadableAnswerError,
    fresh_nonce,
    sign,
)
from htbooking_hospital.items import as_input

KEY_ID = "hk_0123456789abcdef0123"
SECRET = "a-secret-of-43-characters-0123456789ABCDEFG"
ENDPOINT = "http://booking.test/graphql?trace=%E5%8C%BB a"

ONCE = Retries(attempts=1)

Handler = Callable[[httpx.Request], httpx.Response]


def client(handler: Handler) -> HospitalClient:
    return HospitalClient(
        ENDPOINT,
        KEY_ID,
        SECRET,
        language="en",
        clock=lambda: 1763715600.9,
        retries=ONCE,
        transport=httpx.MockTransport(handler),
    )


def answering(response: httpx.Response) -> HospitalClient:
    return client(lambda _request: response)


def test_each_call_is_signed_as_it_is_sent() -> None:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"data": {"ok": True}})

    with client(handler) as calls:
        assert calls.execute("query($a: String) { ok(a: $a) }", {"a": "北京"}) == {"ok": True}
        assert calls.execute("{ ok }") == {"ok": True}
    nonces = set()
    for request in seen:
        proof = parse_authorization(request.headers["Authorization"])
        nonces.add(proof.nonce)
        assert (proof.key_id, proof.timestamp) == (KEY_ID, 1763715600)
        assert signature_holds(
            proof,
            SECRET.encode(),
            method=request.method,
            target=request.url.raw_path.decode(),
            body=request.content,
        )
    assert len(nonces) == 2
    assert json.loads(seen[0].content) == {"query": "query($a: String) { ok(a: $a) }", "variables": {"a": "北京"}}
    assert json.loads(seen[1].content) == {"query": "{ ok }"}
    assert seen[0].headers["Content-Type"] == "application/json"
    assert seen[0].headers["Accept-Language"] == "en"


@pytest.mark.parametrize(
    ("address", "target"),
    [
        ("http://booking.test", "/"),
        ("http://booking.test/graphql?", "/graphql"),
        ("http://booking.test/graphql?q=a?", "/graphql?q=a?"),
        ("http://booking.test/医院/graphql#part", "/%E5%8C%BB%E9%99%A2/graphql"),
    ],
)
def test_the_target_is_signed_as_the_server_will_see_it(address: str, target: str) -> None:
    with HospitalClient(address, KEY_ID, SECRET) as calls:
        request = calls.signed_request("{ ok }")
    proof = parse_authorization(request.headers["Authorization"])
    assert signature_holds(proof, SECRET.encode(), method="POST", target=target, body=request.content)


def test_a_refusal_is_raised_with_its_code() -> None:
    errors = [
        {"message": "The signature is wrong.", "extensions": {"code": "SIGNATURE_WRONG"}},
        {"message": "Another"},
    ]
    with pytest.raises(RefusedError) as caught:
        answering(httpx.Response(401, json={"errors": errors})).execute("{ ok }")
    assert caught.value.code == "SIGNATURE_WRONG"
    assert caught.value.errors == errors
    assert str(caught.value).startswith("SIGNATURE_WRONG: The signature is wrong. (and 1 more) Check the secret")


def test_a_partial_answer_is_raised_with_what_there_is() -> None:
    body = {"data": {"a": 1, "b": None}, "errors": [{"message": "b failed", "extensions": None}]}
    with pytest.raises(RefusedError, match="no code: b failed") as caught:
        answering(httpx.Response(200, json=body)).execute("{ a b }")
    assert caught.value.data == {"a": 1, "b": None}


@pytest.mark.parametrize(
    "response",
    [
        httpx.Response(502, text="<html>Bad Gateway</html>"),
        httpx.Response(200, text=""),
        httpx.Response(200, json=[1]),
        httpx.Response(404, json={"detail": "Not Found"}),
        httpx.Response(200, json={"data": None}),
    ],
)
def test_what_is_no_graphql_answer_is_said_to_be_none(response: httpx.Response) -> None:
    with pytest.raises(UnreadableAnswerError, match=f"HTTP {response.status_code}") as caught:
        answering(response).execute("{ ok }")
    assert caught.value.status == response.status_code


def test_no_answer_is_told_apart() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    with pytest.raises(UnreachableError, match="didn't answer"):
        client(handler).execute("{ ok }")


def test_the_secret_is_not_shown() -> None:
    assert SECRET not in repr(answering(httpx.Response(200)))


def test_a_bad_nonce_is_not_signed() -> None:
    with pytest.raises(ValueError, match="16 to 64"):
        sign(KEY_ID, SECRET, "POST", "/graphql", b"", 1, "short")
    assert len({fresh_nonce() for _ in range(1000)}) == 1000


def test_a_call_is_made_again_while_nobody_answers_with_the_same_body_and_another_signature() -> None:
    seen: list[httpx.Request] = []
    slept: list[float] = []
    failures: list[httpx.Response | Exception] = [
        httpx.ConnectError("refused"),
        httpx.ReadTimeout("slow"),
        httpx.Response(502, text="Bad Gateway"),
        httpx.Response(
            503,
            json={"errors": [{"message": "m", "extensions": {"code": "SERVICE_UNAVAILABLE", "retryAfterSeconds": 9}}]},
        ),
    ]

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        answer = failures.pop(0) if failures else httpx.Response(200, json={"data": {"ok": 1}})
        if isinstance(answer, Exception):
            raise answer
        return answer

    transport = httpx.MockTransport(handler)
    with HospitalClient(ENDPOINT, KEY_ID, SECRET, sleep=slept.append, transport=transport) as calls:
        assert calls.execute("{ ok }") == {"ok": 1}
    assert len({request.content for request in seen}) == 1
    assert len({parse_authorization(request.headers["Authorization"]).nonce for request in seen}) == 5
    assert all(0.25 * 2**turn <= pause for turn, pause in enumerate(slept))
    assert slept[3] >= 9


def test_it_gives_up_after_its_tries_and_never_repeats_what_is_wrong() -> None:
    tried: list[httpx.Request] = []

    def nobody(request: httpx.Request) -> httpx.Response:
        tried.append(request)
        raise httpx.ConnectError("refused", request=request)

    def wrong(request: httpx.Request) -> httpx.Response:
        tried.append(request)
        return httpx.Response(401, json={"errors": [{"message": "m", "extensions": {"code": "KEY_REVOKED"}}]})

    slept: list[float] = []
    for handler, raised, tries in ((nobody, UnreachableError, 3), (wrong, KeyRefusedError, 1)):
        tried.clear()
        transport = httpx.MockTransport(handler)
        with (
            HospitalClient(
                ENDPOINT, KEY_ID, SECRET, retries=Retries(attempts=3), sleep=slept.append, transport=transport
            ) as calls,
            pytest.raises(raised),
        ):
            calls.execute("{ ok }")
        assert len(tried) == tries


def test_pauses_stay_bounded_however_long_nobody_answers() -> None:
    retries = Retries(attempts=1_000_000)
    error = UnreachableError("nobody")
    assert retries.again(999_999, error)
    assert 10 <= retries.pause(999_999, error) <= 20


@pytest.mark.parametrize(
    ("code", "raised"),
    [
        ("SIGNATURE_EXPIRED", SignatureError),
        ("NONCE_REPLAYED", SignatureError),
        ("KEY_UNKNOWN", KeyRefusedError),
        ("FORBIDDEN", RightsError),
        ("BAD_CURSOR", BadRequestError),
        ("BODY_TOO_LARGE", BadRequestError),
        ("SERVICE_UNAVAILABLE", UnavailableError),
        ("INTERNAL", UnavailableError),
    ],
)
def test_each_family_of_refusals_has_its_class_and_its_advice(code: str, raised: type[RefusedError]) -> None:
    body = {"errors": [{"message": "This is why.", "extensions": {"code": code}}]}
    with pytest.raises(raised, match="This is why") as caught:
        answering(httpx.Response(200, json=body)).execute("{ ok }")
    assert caught.value.code == code
    assert str(caught.value).endswith(raised.advice)


def test_a_push_cuts_a_generator_into_calls_and_keeps_no_more_than_one_of_them() -> None:
    calls_seen: list[dict[str, Any]] = []
    held = 0

    def departments() -> Iterator[Department]:
        nonlocal held
        for number in range(2_500):
            held = number + 1 - sum(len(each["items"]) for each in calls_seen)
            assert held <= 1_001
            yield Department(str(number), f"第{number}科")

    def handler(request: httpx.Request) -> httpx.Response:
        input = json.loads(request.content)["variables"]["input"]
        calls_seen.append(input)
        last = len(input["items"]) - 1
        refused = [{"index": last, "field": "name", "code": "TOO_LONG", "message": "m"}]
        return httpx.Response(
            200,
            json={
                "data": {
                    "answer": {
                        "__typename": "CataloguePushed",
                        "created": last,
                        "replaced": 0,
                        "removed": 0,
                        "replayed": len(calls_seen) == 2,
                        "refused": refused,
                    }
                }
            },
        )

    with client(handler) as calls:
        report = calls.push_departments(departments(), run="night")
    assert [each["idempotencyKey"] for each in calls_seen] == ["night-1", "night-2", "night-3"]
    assert [each["allOrNothing"] for each in calls_seen] == [False] * 3
    assert (report.items, report.batches, report.created, report.replayed) == (2_500, 3, 2_497, 1)
    assert [each.index for each in report.refused] == [999, 1_999, 2_499]
    assert report.refused_items == 3


def test_a_push_is_paced() -> None:
    slept: list[float] = []

    def handler(_request: httpx.Request) -> httpx.Response:
        answer = {"__typename": "CataloguePushed", "created": 1, "replaced": 0, "removed": 0, "replayed": False}
        return httpx.Response(200, json={"data": {"answer": {**answer, "refused": []}}})

    with HospitalClient(ENDPOINT, KEY_ID, SECRET, sleep=slept.append, transport=httpx.MockTransport(handler)) as calls:
        calls.remove_doctors([str(each) for each in range(30)], batch_size=10, items_per_second=1)
    assert [round(each) for each in slept] == [10, 20]


@pytest.mark.parametrize(
    ("answer", "raised"),
    [
        ({"__typename": "IdempotencyKeyReused", "code": "IDEMPOTENCY_KEY_REUSED", "message": "m"}, KeyReusedError),
        ({"__typename": "HospitalLocked", "code": "HOSPITAL_LOCKED", "message": "m"}, HospitalLockedError),
    ],
)
def test_each_problem_has_its_class(answer: dict[str, object], raised: type[Exception]) -> None:
    with pytest.raises(raised, match="m"):
        answering(httpx.Response(200, json={"data": {"answer": answer}})).push_hospital(Hospital("医院"))


def test_a_refused_batch_names_the_item_by_its_place_in_all_that_was_given() -> None:
    problem = {"index": 1, "field": "code", "code": "MALFORMED", "message": "No spaces."}
    bad = {"__typename": "InvalidBatch", "code": "INVALID_INPUT", "message": "One.", "items": [problem]}
    good = {
        "__typename": "CataloguePushed",
        "created": 2,
        "replaced": 0,
        "removed": 0,
        "replayed": False,
        "refused": [],
    }
    answers = [good, bad]
    calls = client(lambda _request: httpx.Response(200, json={"data": {"answer": answers.pop(0)}}))
    items = [{"code": str(number), "name": "科"} for number in range(4)]
    with pytest.raises(InvalidInputError, match=r"\[3\] code: MALFORMED No spaces") as caught:
        calls.push_departments(items, batch_size=2, all_or_nothing=True)
    assert [(each.index, each.field) for each in caught.value.refused] == [(3, "code")]


def test_items_become_the_graphs_inputs_without_what_was_left_out() -> None:
    entry = Hospital("医院", logo=b"\x89PNG", booking_rule=BookingRule(cycle=10, release_time="8:30", rules=("一",)))
    assert as_input(entry) == {
        "name": "医院",
        "logo": "iVBORw==",
        "bookingRule": {"cycle": 10, "releaseTime": "8:30", "rules": ["一"]},
    }
    session = Schedule("s1", "11", date(2026, 11, 25), HalfDay.PM, 20, Decimal("9.67"))
    assert as_input(session) == {
        "externalId": "s1",
        "departmentCode": "11",
        "date": "2026-11-25",
        "halfDay": "PM",
        "capacity": 20,
        "fee": "9.67",
    }
    sliced = replace(session, slices=[ScheduleSlice("08:00", 5), ScheduleSlice("09:30", 15)])
    assert as_input(sliced)["slices"] == [{"startsAt": "08:00", "numbers": 5}, {"startsAt": "09:30", "numbers": 15}]
    with pytest.raises(TypeError, match="float"):
        as_input(Schedule("s1", "11", "2026-11-25", "AM", 20, 9.67))  # type: ignore[arg-type]
