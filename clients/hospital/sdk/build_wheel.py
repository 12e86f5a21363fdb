"""Builds the package's wheel by the standard library alone, byte for byte the same from the same source.

It is the build backend that pyproject.toml names, for `pip install .`, and a command for `make sdk`:

    python build_wheel.py --into dist

A wheel is a zip of the package with three files of its own (PyPA's "Binary distribution format"). Times are that of
SOURCE_DATE_EPOCH or 1980, the order is that of the names, and nothing else of the machine goes in.
"""

import argparse
import base64
import hashlib
import os
import re
import sys
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:  # pip has it inside before Python 3.11
    from pip._vendor import tomli as tomllib

HERE = Path(__file__).resolve().parent
PACKAGE = "htbooking_hospital"
FIRST_ZIP_TIME = 315532800
"""1980-01-01, before which a zip knows no time."""
REGULAR_FILE = 0o100644 << 16


def build_wheel(
    wheel_directory: str,
    config_settings: Mapping[str, Any] | None = None,
    metadata_directory: str | None = None,
) -> str:
    """PEP 517: put the wheel into this folder; its file name."""
    del config_settings, metadata_directory
    project = tomllib.loads((HERE / "pyproject.toml").read_text("utf-8"))["project"]
    stem = f"{re.sub(r'[-_.]+', '_', project['name'])}-{project['version']}"
    info = f"{stem}.dist-info"
    files = {
        path.relative_to(HERE).as_posix(): path.read_bytes()
        for path in sorted((HERE / PACKAGE).rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }
    files[f"{info}/METADATA"] = _metadata(project).encode()
    files[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: build_wheel\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    scripts = "".join(f"{name} = {target}\n" for name, target in sorted(project.get("scripts", {}).items()))
    files[f"{info}/entry_points.txt"] = f"[console_scripts]\n{scripts}".encode()
    files[f"{info}/RECORD"] = _record(files, f"{info}/RECORD")
    name = f"{stem}-py3-none-any.whl"
    target = Path(wheel_directory) / name
    # Written beside and moved, so that whoever serves the folder never reads half a file.
    beside = target.with_suffix(f".{os.getpid()}")
    _zip(beside, files)
    beside.replace(target)
    return name


def build_sdist(sdist_directory: str, config_settings: Mapping[str, Any] | None = None) -> str:
    """PEP 517 asks for it; the wheel holds the whole source."""
    raise NotImplementedError("there is a wheel only: it holds the whole source")


def _metadata(project: Mapping[str, Any]) -> str:
    lines = [
        "Metadata-Version: 2.1",
        f"Name: {project['name']}",
        f"Version: {project['version']}",
        f"Summary: {project['description']}",
        f"Requires-Python: {project['requires-python']}",
        f"Keywords: {','.join(project['keywords'])}",
        *(f"Classifier: {each}" for each in project["classifiers"]),
        *(f"Requires-Dist: {each}" for each in project["dependencies"]),
        "Description-Content-Type: text/markdown",
    ]
    return "\n".join(lines) + "\n\n" + (HERE / project["readme"]).read_text("utf-8")


def _record(files: Mapping[str, bytes], own_name: str) -> bytes:
    lines = []
    for name, content in sorted(files.items()):
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        lines.append(f"{name},sha256={digest},{len(content)}\n")
    return "".join([*lines, f"{own_name},,\n"]).encode()


def _zip(target: Path, files: Mapping[str, bytes]) -> None:
    moment = time.gmtime(max(FIRST_ZIP_TIME, int(os.environ.get("SOURCE_DATE_EPOCH", "0"))))[:6]
    with zipfile.ZipFile(target, "w") as archive:
        # dist-info last, as the format recommends.
        for name in sorted(files, key=lambda each: (".dist-info/" in each, each)):
            entry = zipfile.ZipInfo(name, moment)
            entry.external_attr = REGULAR_FILE
            entry.create_system = 3
            # Stored: compressors differ between machines, and there is little to gain.
            entry.compress_type = zipfile.ZIP_STORED
            archive.writestr(entry, files[name])


def main() -> None:
    """Build it where `--into` says, alone: wheels of other versions are removed there."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--into", type=Path, default=HERE / "dist", help="the folder; made if it isn't there")
    into: Path = parser.parse_args().into
    into.mkdir(parents=True, exist_ok=True)
    name = build_wheel(str(into))
    for other in into.glob(f"{PACKAGE}-*.whl"):
        if other.name != name:
            other.unlink()
    digest = hashlib.sha256((into / name).read_bytes()).hexdigest()
    sys.stdout.write(f"{into / name}\nsha256 {digest}\n")


if __name__ == "__main__":
    main()
