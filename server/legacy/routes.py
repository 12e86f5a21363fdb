"""`POST /api/hosp/…`: the older form protocol, mapped to the pushes of the graph (docs/legacy-adapter.md).

Only there while LEGACY_ADAPTER is set. Every form is proved before anything of it is read; what it asks for is done by
the same functions, under the same locks and idempotency keys, as a push by GraphQL.
"""

from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import parse_qsl

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from datasources.faults import unavailable_store
from datasources.keys import department_key
from datasources.mongo.departments import DepartmentReads
from domain.callers import Caller
from domain.catalogue.listing import own_departments, own_sessions
from domain.catalogue.push import PushOutcome
from domain.integration.legacy_verification import LegacyRefused, LegacyVerifier
from domain.language import Words, language_of
from domain.problems import HospitalLocked, IdempotencyKeyReused, InvalidBatch, InvalidInput
from resolvers import catalogue_pushes as pushes
from resolvers import problems as problem_words
from resolvers.context import RequestContext
from resolvers.exchange import Exchange
from server.http.body import read_body
from server.http.execution import ClientGone
from server.http.limits import LimitExceeded
from server.http.trace import Outcome, Trace, caller_label, trace_of
from server.legacy import names
from server.legacy.answers import (
    AGAIN_LATER,
    DONE,
    FAILED,
    OF_FAULTS,
    WRONG_PARAMETER,
    answer,
    page_of,
)

PREFIX = "/api/hosp"
MOST_BODY_BYTES = 1024 * 1024
MOST_FIELDS = 100
LARGEST_PAGE, USUAL_PAGE = 100, 10
MOST_PAGES = 100_000
_LOGO = "logoData"

_FORM = Words("正文须为 UTF-8 表单，每个参数只出现一次。", "The body must be a UTF-8 form with each parameter once.")
_TOO_LARGE = Words("正文过大。", "The body is too large.")
_HTTPS = Words("此接口只能经 HTTPS 调用。", "This protocol is served over HTTPS only.")
_STORE_DOWN = Words("服务暂时不可用，请稍后重试。", "The service is not available just now; try again later.")
_DONE = Words("成功", "done")
_PAGE = Words("{name} 应为 1 至 {most} 的整数。", "{name} must be a whole number from 1 to {most}.")

MakeContext = Callable[[Caller, Trace, Exchange], RequestContext]
Act = Callable[[RequestContext, str, Mapping[str, str]], Awaitable[Response]]

_log = structlog.get_logger(component="legacy")


class _BadPage(Exception):  # noqa: N818 - an answer
    def __init__(self, name: str, most: int) -> None:
        self.values = {"name": name, "most": most}


class LegacyRoutes:
    """The routes and what they need. `https_only`: refuse what came without TLS."""

    def __init__(self, verifier: LegacyVerifier, make_context: MakeContext, *, https_only: bool) -> None:
        self._verifier = verifier
        self._make_context = make_context
        self._https_only = https_only

    def routes(self) -> list[BaseRoute]:
        """For the application."""
        acts: dict[str, Act] = {
            "saveHospital": save_hospital,
            "saveDepartment": save_department,
            "saveSchedule": save_schedule,
            "department/list": list_departments,
            "department/remove": remove_department,
            "schedule/list": list_schedules,
            "schedule/remove": remove_schedule,
        }
        return [Route(f"{PREFIX}/{path}", self._taking(path, act), methods=["POST"]) for path, act in acts.items()]

    def _taking(self, path: str, act: Act) -> Callable[[Request], Awaitable[Response]]:
        async def take(request: Request) -> Response:
            trace = trace_of(request.scope)
            trace.operation = f"legacy {path}"
            trace.language = language_of(request.headers.get("accept-language", ""))
            try:
                return await self._take(request, trace, path, act)
            except Exception as error:
                if unavailable_store(error) is None:
                    raise
                trace.outcome = Outcome.UNAVAILABLE
                return answer(AGAIN_LATER, _STORE_DOWN.say(trace.language))

        return take

    async def _take(self, request: Request, trace: Trace, path: str, act: Act) -> Response:
        say = trace.language
        trace.outcome = Outcome.REFUSED
        if self._https_only and request.url.scheme != "https":
            return answer(FAILED, _HTTPS.say(say))
        try:
            body = await read_body(dict(request.scope["headers"]), request.receive, MOST_BODY_BYTES)
        except LimitExceeded:
            return answer(WRONG_PARAMETER, _TOO_LARGE.say(say))
        except ClientGone:
            trace.outcome = Outcome.DISCONNECTED
            return Response(status_code=400)
        values = read_form(body)
        if values is None:
            return answer(WRONG_PARAMETER, _FORM.say(say))
        try:
            caller = await self._verifier.prove(values)
        except LegacyRefused as refused:
            _log.info("form_refused", path=path, fault=refused.fault.value)
            return answer(OF_FAULTS[refused.fault], refused.say(say))
        trace.caller = caller_label(caller)
        address = request.client.host if request.client else ""
        exchange = Exchange(address, request.headers.get("user-agent", ""))
        trace.outcome = Outcome.OK
        # A signature is good for one call, whatever its path, so it names the call: should Redis forget that it was
        # used, the push that it made is still known.
        key = f"legacy-{values['sign'].lower()}-{values['timestamp']}"
        try:
            return await act(self._make_context(caller, trace, exchange), key, values)
        except _BadPage as bad:
            return answer(WRONG_PARAMETER, _PAGE.say(say, **bad.values))


def read_form(body: bytes) -> dict[str, str] | None:
    """The form's values by their names; None for what is no form or says something twice."""
    try:
        pairs = parse_qsl(
            body.decode(),
            keep_blank_values=True,
            strict_parsing=True,
            errors="strict",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError:
        return None
    values = dict(pairs)
    if len(values) != len(pairs):
        return None
    if _LOGO in values:
        # Older systems send Base64 unescaped, and a form reads a plus as a space.
        values[_LOGO] = values[_LOGO].replace(" ", "+")
    return values


async def save_hospital(context: RequestContext, key: str, values: Mapping[str, str]) -> Response:
    """`saveHospital` is `upsertHospital`."""
    return _single(context, await pushes.upsert_hospital(context, key, names.hospital_item(values)), names.HOSPITAL)


async def save_department(context: RequestContext, key: str, values: Mapping[str, str]) -> Response:
    """`saveDepartment` is `upsertDepartments`: the department above comes with it until it is there."""
    items = [names.department_item(values)]
    above = names.parent_item(values)
    if above is not None:
        id = department_key(values["hoscode"], str(above["code"]))
        if not await DepartmentReads().by_ids([id]):
            items.insert(0, above)
    outcome = await pushes.upsert_departments(context, pushes.Batch(key, items, all_or_nothing=True))
    return _batch(context, outcome, names.DEPARTMENT)


async def save_schedule(context: RequestContext, key: str, values: Mapping[str, str]) -> Response:
    """`saveSchedule` is `upsertSchedule`."""
    return _single(context, await pushes.upsert_schedule(context, key, names.session_item(values)), names.SESSION)


async def remove_department(context: RequestContext, key: str, values: Mapping[str, str]) -> Response:
    """`department/remove` is `removeDepartments`."""
    batch = pushes.Batch(key, [{"code": values.get("depcode", "")}], all_or_nothing=True)
    return _batch(context, await pushes.remove_departments(context, batch), {"depcode": "code"})


async def remove_schedule(context: RequestContext, key: str, values: Mapping[str, str]) -> Response:
    """`schedule/remove` is `removeSchedules`."""
    batch = pushes.Batch(key, [{"code": values.get("hosScheduleId", "")}], all_or_nothing=True)
    return _batch(context, await pushes.remove_schedules(context, batch), {"hosScheduleId": "code"})


async def list_departments(context: RequestContext, _key: str, values: Mapping[str, str]) -> Response:
    """The hospital's departments."""
    page, size = _page(values)
    listed = await own_departments(values["hoscode"], offset=(page - 1) * size, limit=size)
    above = {department_key(values["hoscode"], each.parent_code) for each in listed.items if each.parent_code}
    known = {each.code: each.name for each in (await DepartmentReads().by_ids(list(above))).values()}
    rows = [names.older_department(each, known) for each in listed.items]
    return answer(DONE, _DONE.say(context.language), page_of(rows, total=listed.total, page=page, size=size))


async def list_schedules(context: RequestContext, _key: str, values: Mapping[str, str]) -> Response:
    """The hospital's sessions, those of one department if it is named."""
    page, size = _page(values)
    department = values.get("depcode") or None
    listed = await own_sessions(context.stores.sql, values["hoscode"], department, offset=(page - 1) * size, limit=size)
    rows = [names.older_session(each) for each in listed.items]
    return answer(DONE, _DONE.say(context.language), page_of(rows, total=listed.total, page=page, size=size))


def _page(values: Mapping[str, str]) -> tuple[int, int]:
    return _number(values, "page", 1, MOST_PAGES), _number(values, "limit", USUAL_PAGE, LARGEST_PAGE)


def _number(values: Mapping[str, str], name: str, usual: int, most: int) -> int:
    text = values.get(name, "").strip() or str(usual)
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(most)) and 1 <= int(text) <= most):
        raise _BadPage(name, most)
    return int(text)


def _single(context: RequestContext, taken: pushes.SingleAnswer, fields: names.Names) -> Response:
    if isinstance(taken, pushes.Upserted):
        return answer(DONE, _DONE.say(context.language))
    return _not_taken(context, taken, fields)


def _batch(context: RequestContext, taken: pushes.BatchAnswer, fields: names.Names) -> Response:
    if isinstance(taken, PushOutcome):
        return answer(DONE, _DONE.say(context.language))
    if isinstance(taken, InvalidBatch):
        return _not_taken(context, InvalidInput([each.problem for each in taken.items]), fields)
    return _not_taken(context, taken, fields)


def _not_taken(
    context: RequestContext, problem: InvalidInput | HospitalLocked | IdempotencyKeyReused, fields: names.Names
) -> Response:
    if isinstance(problem, InvalidInput):
        said = [f"{names.older_field(fields, each.field)}：{each.say(context.language)}" for each in problem.fields]
        return answer(WRONG_PARAMETER, " ".join(said))
    if isinstance(problem, HospitalLocked):
        return answer(FAILED, problem_words.of_locked_hospital(context, problem))
    return answer(FAILED, problem_words.of_reused_key(context, problem))
