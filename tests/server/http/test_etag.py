"""An answer that the caller has already is not sent again."""

import pytest

from tests.server.http.front_door import FrontDoor


async def test_an_answer_that_still_holds_is_304(door: FrontDoor) -> None:
    first = await door.get("{ hello }")
    tag = first.headers["etag"]
    assert first.headers["cache-control"] == "private, no-cache"
    for sent in tag, tag.removeprefix("W/"), f'"other", {tag}', "*":
        again = await door.get("{ hello }", headers={"if-none-match": sent})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
        assert "Accept-Language" in again.headers["vary"]


async def test_another_answer_has_another_tag(door: FrontDoor) -> None:
    first = await door.get("{ hello }")
    other = await door.get('{ hello(name: "x") }', headers={"if-none-match": first.headers["etag"]})
    assert other.status_code == 200
    assert other.headers["etag"] != first.headers["etag"]


@pytest.mark.parametrize("query", ["{ hello refused }", "{ hello needsRedis }", "{ nothing }"])
async def test_errors_are_never_kept(door: FrontDoor, query: str) -> None:
    response = await door.get(query)
    assert "etag" not in response.headers
    assert response.headers["cache-control"] == "no-store"


async def test_a_post_has_no_tag(door: FrontDoor) -> None:
    assert "etag" not in (await door.post("{ hello }")).headers
