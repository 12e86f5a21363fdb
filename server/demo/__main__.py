"""`python -m server.demo`: the standard demo, or with `--scale N` N hospitals of 30 departments and 1,000 sessions."""

import argparse
import asyncio
import sys
import time
from collections.abc import Sequence
from datetime import datetime

from datasources.stores import Stores
from server.demo import ensure_demo_data
from server.demo.filling import DemoSummary, fill
from server.demo.hospitals import invented_hospitals
from server.settings import Settings

_BAR_WIDTH = 40
_REDRAW_SECONDS = 0.1
_NEW_LINE_SECONDS = 5.0  # where stderr is a file and a bar cannot be drawn over


async def main(argv: Sequence[str]) -> int:
    """Fill the stores that the settings name; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m server.demo", description="Fill the stores with demo data.")
    parser.add_argument("--scale", type=_positive, metavar="N", help="N invented hospitals instead of the known ones")
    scale: int | None = parser.parse_args(argv).scale

    settings = Settings()
    stores = _stores_of(settings)
    if stores is None:
        print("Set DATABASE_URL, MONGODB_URL and REDIS_URL to the servers to fill.", file=sys.stderr)
        return 2
    today = datetime.now(settings.zone).date()
    started = time.monotonic()
    try:
        if scale is None:
            summary = await ensure_demo_data(stores, today, lambda line: print(line, file=sys.stderr))
        else:
            bar = _Bar(total=scale)
            summary = await fill(stores, invented_hospitals(scale), today, bar.draw)
            bar.finish(summary)
    finally:
        await stores.close()
    print(
        f"{summary.hospitals:,} hospitals, {summary.departments:,} departments, {summary.doctors:,} doctors and "
        f"{summary.sessions:,} sessions added in {time.monotonic() - started:.1f} s"
    )
    return 0


class _Bar:
    """A progress bar on stderr."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._done = 0
        self._started = time.monotonic()
        self._drawn_at = 0.0
        self._on_terminal = sys.stderr.isatty()

    def draw(self, so_far: DemoSummary) -> None:
        self._done += 1
        if time.monotonic() - self._drawn_at >= (_REDRAW_SECONDS if self._on_terminal else _NEW_LINE_SECONDS):
            self._show(so_far)

    def finish(self, summary: DemoSummary) -> None:
        self._show(summary)
        if self._on_terminal:
            print(file=sys.stderr)

    def _show(self, so_far: DemoSummary) -> None:
        self._drawn_at = time.monotonic()
        seconds = self._drawn_at - self._started
        filled = _BAR_WIDTH * self._done // self._total
        line = (
            f"[{'█' * filled}{'·' * (_BAR_WIDTH - filled)}] {self._done:,}/{self._total:,} hospitals, "
            f"{so_far.sessions:,} sessions, {so_far.sessions / seconds:,.0f}/s"
        )
        start, end = ("\r", "") if self._on_terminal else ("", "\n")
        print(start + line, end=end, file=sys.stderr, flush=True)


def _stores_of(settings: Settings) -> Stores | None:
    if settings.database_url is None or settings.mongodb_url is None or settings.redis_url is None:
        return None
    return Stores.at(
        database_url=settings.database_url.get_secret_value(),
        mongodb_url=settings.mongodb_url.get_secret_value(),
        redis_url=settings.redis_url.get_secret_value(),
    )


def _positive(argument: str) -> int:
    number = int(argument)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))
