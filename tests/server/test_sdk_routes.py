"""Hospitals download the SDK from the platform."""

import hashlib
from pathlib import Path

import httpx
from starlette.applications import Starlette

from server.sdk_routes import SdkRoutes, Wheel
from tests.clients.hospital.test_sdk_wheel import built


def caller(wheel: Wheel | None) -> httpx.AsyncClient:
    """Somebody who calls a server with these routes."""
    app = Starlette(routes=SdkRoutes(wheel, "https://booking.example").routes())
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://inside")


async def test_the_index_names_the_file_and_its_digest_and_the_file_is_handed_out_once(tmp_path: Path) -> None:
    path = built(tmp_path)
    async with caller(Wheel.found(tmp_path)) as visitor:
        index = (await visitor.get("/sdk/index.json")).json()
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        assert index == {
            "name": "htbooking-hospital",
            "version": "1.0.0",
            "requiresPython": ">=3.10",
            "file": path.name,
            "url": f"https://booking.example/sdk/{path.name}?v={digest[:16]}#sha256={digest}",
            "size": path.stat().st_size,
            "sha256": digest,
        }
        answer = await visitor.get(f"/sdk/{path.name}")
        assert hashlib.sha256(answer.content).hexdigest() == digest
        assert answer.headers["cache-control"] == "public, max-age=300"
        named = await visitor.get(f"/sdk/{path.name}", params={"v": digest[:16]})
        assert named.headers["cache-control"] == "public, max-age=31536000, immutable"
        again = await visitor.get(f"/sdk/{path.name}", headers={"if-none-match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        for address in ("/sdk", "/sdk/"):
            shown = await visitor.get(address)
            assert shown.status_code == 200
            assert digest in shown.text
            assert (
                f"pip install &#x27;https://booking.example/sdk/{path.name}?v={digest[:16]}#sha256={digest}&#x27;"
                in shown.text
            )


async def test_another_file_is_not_there(tmp_path: Path) -> None:
    built(tmp_path)
    (tmp_path / "key.pem").write_text("no")
    async with caller(Wheel.found(tmp_path)) as visitor:
        for name in ("other.whl", "key.pem", "..%2Fpyproject.toml", "%2e%2e/pyproject.toml"):
            assert (await visitor.get(f"/sdk/{name}")).status_code == 404


async def test_before_the_first_build_there_is_nothing(tmp_path: Path) -> None:
    async with caller(Wheel.found(tmp_path)) as visitor:
        for address in ("/sdk", "/sdk/index.json", "/sdk/htbooking_hospital-1.0.0-py3-none-any.whl"):
            assert (await visitor.get(address)).status_code == 404
