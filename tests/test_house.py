"""What the repository promises about itself."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parent.parent

# Where packages come from is the machine's business; in pieces here, or this file would be found itself.
REGISTRIES = [".".join(name) for name in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("npmjs", "com"))]
VERBS = {
    *("up", "down", "reset", "demo", "test", "test-fast", "check", "schema", "lock", "fmt", "chaos"),
    *("bench-catalogue", "bench-booking", "bench-live", "bench-reminders", "bench-withdraw"),
}


def test_the_makefile_has_its_verbs() -> None:
    targets = re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE)

    assert set(targets) >= VERBS


def test_the_readme_lists_every_benchmark() -> None:
    benchmarks = sorted(verb for verb in VERBS if verb.startswith("bench-"))

    rows = re.findall(r"^\| `make (bench-[a-z]+)` \|", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert sorted(rows) == benchmarks


def test_no_lock_file_names_a_registry() -> None:
    for lock in ("requirements.lock", "clients/package-lock.json", "Makefile", "Dockerfile"):
        text = (ROOT / lock).read_text()
        assert [registry for registry in REGISTRIES if registry in text] == [], lock


def test_ci_runs_make_test_and_leaves_nothing_out() -> None:
    run = ROOT / ".ci" / "run"
    commands = [line for line in run.read_text().splitlines() if line and not line.startswith("#")]

    assert commands[:3] == ["set -euo pipefail", 'cd "$(dirname "$0")/.."', "export CI=true"]
    assert commands[-1] == "make test"
    assert run.stat().st_mode & 0o111


def test_make_lists_the_verbs_when_asked_nothing() -> None:
    listing = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert "make up" in listing
