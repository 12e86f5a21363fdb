"""Figures for Prometheus, of a bounded number."""

from server.metrics import MOST_OPERATION_NAMES, Metrics


def test_requests_are_counted_by_operation_kind_and_outcome() -> None:
    metrics = Metrics()
    for _ in range(3):
        metrics.answered(operation="Home", kind="query", outcome="ok", seconds=0.02)
    labels = {"operation": "Home", "kind": "query"}
    assert metrics.registry.get_sample_value("htbooking_graphql_requests_total", {**labels, "outcome": "ok"}) == 3
    assert metrics.registry.get_sample_value("htbooking_graphql_request_seconds_count", labels) == 3
    assert metrics.registry.get_sample_value("htbooking_graphql_request_seconds_bucket", {**labels, "le": "0.025"}) == 3
    assert metrics.registry.get_sample_value("htbooking_graphql_request_seconds_bucket", {**labels, "le": "0.01"}) == 0


def test_strangers_cannot_make_figures_without_end() -> None:
    metrics = Metrics()
    for number in range(MOST_OPERATION_NAMES + 50):
        metrics.answered(operation=f"Made{number}", kind="query", outcome="ok", seconds=0.001)
    metrics.answered(operation="x" * 5000, kind="query", outcome="ok", seconds=0.001)
    metrics.answered(operation="Unread", kind=None, outcome="refused", seconds=0.001)
    [requests] = [family for family in metrics.registry.collect() if family.name == "htbooking_graphql_requests"]
    names = {sample.labels["operation"] for sample in requests.samples}
    assert len(names) == MOST_OPERATION_NAMES + 1
    other = {"operation": "(other)", "kind": "query", "outcome": "ok"}
    assert metrics.registry.get_sample_value("htbooking_graphql_requests_total", other) == 51


def test_every_store_has_its_figure_from_the_start() -> None:
    metrics = Metrics()
    for store in "postgresql", "mongodb", "redis":
        assert metrics.registry.get_sample_value("htbooking_store_errors_total", {"store": store}) == 0
