"""The benchmark of booking: that every layer books what it says, and nothing else. Nothing here judges speed."""

import pytest

from bench.booking import CLIENTS, Effort, compare, measurements
from bench.booking_report import Layer, Results, Scenario, report
from bench.booking_shares import WHOLE
from server.embedded.data_lock import Endpoints
from server.settings import Settings

TINY = Effort(rounds=1, blocks=2, http_bookings=40, callers=(2,), spread=40, people=1_100, share_bookings=40)

pytestmark = pytest.mark.servers


@pytest.fixture(scope="module")
async def results(bench_settings: Settings, empty_endpoints: Endpoints) -> Results:
    return await compare(bench_settings, empty_endpoints, TINY)


async def test_every_layer_is_measured_in_every_scenario(results: Results) -> None:
    # Whether as many orders were made as calls accepted is looked at in each measurement.
    found = {(speed.layer, speed.scenario, speed.callers, speed.batch) for speed in results.speeds}
    assert found == {(one.layer, one.scenario, one.callers, one.batch) for one in measurements(TINY)}
    assert {(layer, scenario) for layer, scenario, *_ in found} == {(one, other) for one in Layer for other in Scenario}
    assert all(0 < speed.p50 <= speed.p99 for speed in results.speeds)


async def test_pgbench_is_what_others_are_compared_with(results: Results) -> None:
    assert all(speed.of_pgbench == 1 for speed in results.speeds if speed.layer is Layer.PGBENCH)
    assert {speed.callers for speed in results.speeds if speed.batch > 1} == {1, 4}
    assert {speed.callers for speed in results.speeds if speed.layer is Layer.DATASOURCE} == {1, 4, CLIENTS}


async def test_the_parts_of_one_booking_add_up(results: Results) -> None:
    parts = {name: seconds for name, seconds in results.shares.items() if name != WHOLE}
    assert len(parts) > 5
    assert sum(parts.values()) == pytest.approx(results.shares[WHOLE])


async def test_the_report_has_every_layer_and_scenario(results: Results) -> None:
    text = report(results)
    for word in (*Layer, *(scenario.capitalize() for scenario in Scenario), "accepted/s", "refused/s", "p99 ms", WHOLE):
        assert word in text
