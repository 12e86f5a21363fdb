"""What makes taking numbers cheap: nothing is planned anew for an attempt."""

import pytest

from datasources.stores import Stores

pytestmark = pytest.mark.servers


async def test_numbers_are_taken_by_plans_that_are_made_once(stores: Stores) -> None:
    [[settings]] = await stores.sql.fetch("SELECT proconfig FROM pg_proc WHERE oid = 'book_numbers'::regproc")
    assert settings == ["plan_cache_mode=force_generic_plan"]
