"""The GraphQL over HTTP audit of npm `graphql-http`, against the platform's own application on a real port."""

import json

from starlette.applications import Starlette

from tests.node import run_script
from tests.server.http.front_door import listening

AUDITS = 61


async def test_every_audit_is_ok(storeless_app: Starlette) -> None:
    async with listening(storeless_app, lifespan=True) as origin:
        finished = await run_script("audit-http.mjs", f"{origin}/graphql")
    results = json.loads(finished.output)
    assert [result for result in results if result["status"] != "ok"] == []
    assert len(results) == AUDITS
    assert finished.status == 0
