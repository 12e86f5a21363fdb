"""The SDK as hospitals get it: the same bytes from the same source, installable, and standing on its own."""

import ast
import hashlib
import os
import subprocess
import sys
from pathlib import Path

import htbooking_hospital

SDK = Path(htbooking_hospital.__file__).parent.parent


def built(into: Path, **environment: str) -> Path:
    """The wheel, built as `make sdk` does."""
    command = [sys.executable, str(SDK / "build_wheel.py"), "--into", str(into)]
    subprocess.run(command, check=True, capture_output=True, env=os.environ | environment)
    [wheel] = into.glob("*.whl")
    return wheel


def test_the_same_source_gives_the_same_bytes(tmp_path: Path) -> None:
    one = built(tmp_path / "one", TZ="Asia/Shanghai")
    other = built(tmp_path / "other", TZ="America/New_York")
    assert one.name == f"htbooking_hospital-{htbooking_hospital.__version__}-py3-none-any.whl"
    assert hashlib.sha256(one.read_bytes()).digest() == hashlib.sha256(other.read_bytes()).digest()


def test_pip_installs_it_and_it_brings_nothing_of_the_server(tmp_path: Path) -> None:
    wheel = built(tmp_path / "dist")
    (tmp_path / "dist" / "htbooking_hospital-0.0.9-py3-none-any.whl").write_bytes(b"")
    assert built(tmp_path / "dist") == wheel
    target = tmp_path / "installed"
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-index", "--no-deps", "--disable-pip-version-check"]
    subprocess.run([*pip, "--no-compile", "--target", str(target), str(wheel)], check=True, capture_output=True)
    say = "import htbooking_hospital as h, sys; print(h.__file__, 'server' in sys.modules)"
    ran = subprocess.run(
        [sys.executable, "-c", say],
        check=True,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={"PYTHONPATH": str(target), "PATH": os.environ["PATH"]},
    )
    assert ran.stdout.split() == [str(target / "htbooking_hospital" / "__init__.py"), "False"]
    assert (target / "htbooking_hospital" / "py.typed").is_file()
    assert (target / "bin" / "htbooking-push-export").is_file()


def test_it_imports_the_standard_library_httpx_and_websockets_only() -> None:
    imported: dict[str, set[str]] = {}
    for path in (SDK / "htbooking_hospital").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                imported.setdefault(path.name, set()).update(each.name.partition(".")[0] for each in node.names)
            elif isinstance(node, ast.ImportFrom):
                imported.setdefault(path.name, set()).add((node.module or "").partition(".")[0])
    known = sys.stdlib_module_names | {"httpx", "websockets", "htbooking_hospital"}
    others = {name: found - known for name, found in imported.items() if found - known}
    # For type checkers alone, never at run time.
    assert others == {name: {"typing_extensions"} for name in ("client.py", "async_client.py")}


def test_the_two_clients_can_do_the_same() -> None:
    public = {name for name in dir(htbooking_hospital.HospitalClient) if not name.startswith("_")}
    assert public == {name for name in dir(htbooking_hospital.AsyncHospitalClient) if not name.startswith("_")}
