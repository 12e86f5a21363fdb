"""The figures as text for a terminal."""

from collections.abc import Iterable
from dataclasses import fields

from bench.results import Results
from bench.shares import Shares


def report(results: Results) -> str:
    """The tables of one run."""
    page = results.page
    trips = ", ".join(f"{name} {count:.1f}" for name, count in results.round_trips.items())
    return "\n".join(
        [
            "",
            f"Home page: {page.hospitals} hospitals x {page.departments} departments x {page.days} days",
            f"{results.answer_bytes / 1024:.0f} KB of equal JSON, one process each, over HTTP with keep-alive",
            "",
            *table(
                ("", "concurrency", "requests/s", "p50 ms", "p99 ms", "x hand-written"),
                (
                    (
                        speed.name,
                        str(speed.concurrency),
                        f"{speed.per_second:,.1f}",
                        f"{speed.p50 * 1000:.2f}",
                        f"{speed.p99 * 1000:.2f}",
                        f"{speed.times_handwritten:.2f}",
                    )
                    for speed in results.speeds
                ),
            ),
            "",
            "Inside the API process, one request, without HTTP",
            "",
            *table(
                ("", "known document ms", "share", "new document ms", "share"),
                _share_rows(results.known_document, results.new_document),
            ),
            "",
            f"Round trips for each request: {trips}",
        ]
    )


def _share_rows(known: Shares, new: Shares) -> Iterable[tuple[str, ...]]:
    for part in [*(field.name for field in fields(Shares)), "total"]:
        row = [part]
        for shares in (known, new):
            seconds: float = getattr(shares, part)
            row += [f"{seconds * 1000:.3f}", f"{seconds / shares.total:.1%}"]
        yield tuple(row)


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterable[str]:
    """Lines with the first column to the left and the others to the right."""
    lines = [head, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    for line in lines:
        first, *others = (
            cell.rjust(width) if column else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        yield "  ".join([first, *others])
