"""The benchmark of live subscriptions: that both sides send the same to everybody. Nothing here judges speed."""

import pytest

from bench.live import Effort, Results, compare, report
from bench.live_stand import API, BROADCAST
from server.embedded.data_lock import Endpoints
from server.settings import Settings

TINY = Effort(rounds=1, events=2, readers=(3,))

pytestmark = pytest.mark.servers


@pytest.fixture(scope="module")
async def results(bench_settings: Settings, bench_endpoints: Endpoints) -> Results:
    return await compare(bench_settings, bench_endpoints, TINY)


async def test_both_sides_are_measured_with_every_number_of_readers(results: Results) -> None:
    assert [(line.name, line.readers) for line in results.lines] == [(API, 3), (BROADCAST, 3)]
    assert all(0 < line.p50 <= line.p99 for line in results.lines)
    assert results.message_bytes > 500


async def test_the_report_names_both(results: Results) -> None:
    text = report(results)
    assert API in text
    assert BROADCAST in text
