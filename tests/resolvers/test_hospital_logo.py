"""A hospital's logo: pushed in Base64, served as a picture."""

import base64

import pytest

from datasources.sql.hospital_account import HospitalAccount
from tests.platform import Platform

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
ORIGIN = "http://platform.test"


async def test_a_pushed_logo_is_served_for_as_long_as_its_address_lasts(platform: Platform) -> None:
    hospital = await platform.new_hospital(name="甲院", logo=base64.b64encode(PNG).decode())
    query = "query ($c: String!) { hospital(code: $c) { logoUrl } }"
    path = (await platform.data(query, {"c": hospital.code}))["hospital"]["logoUrl"]
    picture = await platform.http.get(ORIGIN + path)
    assert (picture.content, picture.headers["content-type"]) == (PNG, "image/png")
    assert "immutable" in picture.headers["cache-control"]
    assert picture.headers["x-content-type-options"] == "nosniff"
    again = await platform.http.get(ORIGIN + path, headers={"If-None-Match": picture.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")

    await platform.push(hospital, "upsertHospital", {"hospital": {"name": "甲院新名"}})
    kept = (await platform.data(query, {"c": hospital.code}))["hospital"]["logoUrl"]
    assert kept == path


@pytest.mark.parametrize("code", ["nowhere", "..%2F..%2Fetc", "%00"])
async def test_where_no_logo_is_nothing_is_found(platform: Platform, code: str) -> None:
    assert (await platform.http.get(f"{ORIGIN}/hospitals/{code}/logo")).status_code == 404


async def test_an_unlisted_hospitals_logo_is_not_served(platform: Platform) -> None:
    hospital = await platform.new_hospital(name="甲院", logo=base64.b64encode(PNG).decode())
    async with platform.stores.sql.unit_of_work() as sql:
        account = await sql.get(HospitalAccount, hospital.code)
        assert account is not None
        account.status = "OFFLINE"
    await platform.push(hospital, "upsertHospital", {"hospital": {"name": "甲院"}})
    assert (await platform.http.get(f"{ORIGIN}/hospitals/{hospital.code}/logo")).status_code == 404
