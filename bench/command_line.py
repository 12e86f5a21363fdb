"""What the benchmarks' command lines share: where data lies, figures as a file, and words while they run."""

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def add_data_argument(parser: argparse.ArgumentParser) -> None:
    """Let the person choose a data directory."""
    given = os.environ.get("BENCH_DATA")
    parser.add_argument(
        "--data",
        type=Path,
        metavar="DIRECTORY",
        default=Path(given) if given else None,
        help="data directory to keep between runs (or BENCH_DATA); otherwise a new one that is deleted",
    )


def add_json_argument(parser: argparse.ArgumentParser) -> None:
    """Let the person have the figures as a file."""
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures to this file, too")


def write_json(results: "DataclassInstance", file: Path | None) -> None:
    """Write the figures, if a file was named."""
    if file is not None:
        file.write_bytes(orjson.dumps(asdict(results), option=orjson.OPT_INDENT_2))


@contextmanager
def data_directory_of(given: Path | None) -> Iterator[Path]:
    """The directory given, or one that is deleted afterwards."""
    if given is not None:
        yield given
        return
    directory = Path(tempfile.mkdtemp(prefix="htbooking-bench-"))
    if os.geteuid() == 0:
        # As root, PostgreSQL runs as somebody else, who must reach its data here: elsewhere nobody would delete it.
        directory.chmod(0o711)
    try:
        yield directory
    finally:
        shutil.rmtree(directory)


def say(line: str) -> None:
    """Tell the person who waits what is being done."""
    print(line, file=sys.stderr, flush=True)
