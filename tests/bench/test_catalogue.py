"""The benchmark itself: that it compares like with like, and that its parts make a whole. Nothing here judges speed."""

import math
from dataclasses import astuple

import orjson
import pytest

from bench.apart import apart
from bench.catalogue import CONCURRENCIES, Effort, compare
from bench.home_page import HomePage
from bench.load import ask_once
from bench.report import report
from bench.results import Results
from bench.round_trips import round_trips
from bench.stand import GRAPH, HANDWRITTEN, STATIC, AnswersDifferError, Contestant, contestants, equal_answer
from server.embedded.data_lock import Endpoints
from server.settings import Settings

PAGE = HomePage(hospitals=2, departments=3, days=4)
TINY = Effort(rounds=1, requests=3, seconds=5.0, warm_up_seconds=0.0, in_process_requests=5)

pytestmark = pytest.mark.servers


def quietly(_line: str) -> None:
    return


@pytest.fixture(scope="module")
async def results(bench_settings: Settings, bench_endpoints: Endpoints) -> Results:
    return await compare(bench_settings, bench_endpoints, PAGE, TINY)


async def test_all_give_the_same_bytes_of_a_full_page(bench_settings: Settings, bench_endpoints: Endpoints) -> None:
    async with contestants(bench_endpoints, bench_settings.data_directory, PAGE, (), quietly) as stand:
        answers = {each.name: await ask_once(each.port, each.request) for each in stand.contestants}
    assert answers.keys() == {GRAPH, HANDWRITTEN, STATIC}
    assert len(set(answers.values())) == 1
    hospitals = orjson.loads(answers[GRAPH])["data"]["hospitals"]["nodes"]
    departments = [department for hospital in hospitals for department in hospital["departments"]["nodes"]]
    days = [day for department in departments for day in department["bookableDays"]["nodes"]]
    assert (len(hospitals), len(departments), len(days)) == (2, 2 * 3, 2 * 3 * 4)
    assert all(hospital["level"] and hospital["regionName"] for hospital in hospitals)
    assert any(day["remaining"] for day in days)


async def test_a_difference_is_shown_and_nothing_is_measured(
    bench_settings: Settings, bench_endpoints: Endpoints
) -> None:
    async with contestants(bench_endpoints, bench_settings.data_directory, PAGE, (), quietly) as stand:
        graph, *_ = stand.contestants
        smaller = Contestant("smaller", graph.port, HomePage(hospitals=1, departments=3, days=4).graphql_request)
        with pytest.raises(AnswersDifferError, match="graph and smaller differ"):
            await equal_answer([graph, smaller])


async def test_every_contestant_is_measured_at_every_concurrency(results: Results) -> None:
    measured = {(speed.name, speed.concurrency) for speed in results.speeds}
    assert measured == {(name, concurrency) for name in (GRAPH, HANDWRITTEN, STATIC) for concurrency in CONCURRENCIES}
    assert all(0 < speed.p50 <= speed.p99 for speed in results.speeds)
    assert all(speed.times_handwritten == 1 for speed in results.speeds if speed.name == HANDWRITTEN)


async def test_the_parts_add_up(results: Results) -> None:
    for shares in (results.known_document, results.new_document):
        assert math.isclose(sum(astuple(shares)), shares.total)
        assert all(part >= 0 for part in astuple(shares))
        assert min(shares.execution, shares.encoding) > 0
    assert results.known_document.parsing == results.known_document.validation == 0
    assert min(results.new_document.parsing, results.new_document.validation) > 0


async def test_round_trips_are_counted_per_store(results: Results) -> None:
    assert results.round_trips["PostgreSQL"] >= 1
    assert results.round_trips["MongoDB"] >= 1
    assert results.round_trips["Redis"] == 0


async def test_twice_as_many_hospitals_and_departments_cost_no_round_trip_more(
    bench_settings: Settings, bench_endpoints: Endpoints, results: Results
) -> None:
    smaller = HomePage(hospitals=1, departments=1, days=PAGE.days)
    with apart(collecting=True) as process:
        assert await process.run(round_trips, bench_settings, bench_endpoints, smaller) == results.round_trips


async def test_the_report_has_every_part_and_contestant(results: Results) -> None:
    text = report(results)
    for word in (GRAPH, HANDWRITTEN, STATIC, "parsing", "validation", "execution", "data", "encoding", "Round trips"):
        assert word in text
