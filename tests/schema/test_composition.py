"""Apollo's own composer reads the SDL that is published."""

from pathlib import Path

from tests.node import run_script

SDL = Path(__file__).parent.parent.parent / "schema" / "schema.graphql"


async def test_the_published_graph_composes() -> None:
    finished = await run_script("compose.mjs", str(SDL))
    assert finished.status == 0, finished.complaints
    assert "1 subgraph(s) compose" in finished.output


async def test_a_graph_that_does_not_compose_is_told_why(tmp_path: Path) -> None:
    broken = tmp_path / "broken.graphql"
    broken.write_text('type Query { a: A } type A @key(fields: "id") { name: String }')
    finished = await run_script("compose.mjs", str(SDL), str(broken))
    assert finished.status == 1
    assert "error:" in finished.complaints
