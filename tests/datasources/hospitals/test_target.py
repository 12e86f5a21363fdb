"""What the platform calls for a hospital, and what it never does."""

from ipaddress import ip_address

import pytest

from datasources.hospitals.target import TargetPolicy, TargetRefused, may_be_called, resolved, target_of

PRODUCTION = TargetPolicy()
DEVELOPMENT = TargetPolicy(https_only=False, private_allowed=True)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://his.example/hook", "SCHEME"),
        ("ftp://his.example/hook", "SCHEME"),
        ("file:///etc/passwd", "SCHEME"),
        ("javascript:alert(1)", "SCHEME"),
        ("his.example/hook", "SCHEME"),
        ("", "SCHEME"),
        ("https:///hook", "MALFORMED"),
        ("https://root:secret@his.example/", "MALFORMED"),
        ("https://his.example@127.0.0.1/", "MALFORMED"),
        ("https://his.example/#part", "MALFORMED"),
        ("https://his.example:0/", "MALFORMED"),
        ("https://his.example:99999/", "MALFORMED"),
        ("https://his.example/a b", "MALFORMED"),
        ("https://his.example/\r\nX-Evil: 1", "MALFORMED"),
        ("https://127.0.0.1\\@his.example/", "MALFORMED"),
        ("https://医院.example/", "MALFORMED"),
        ("https://his.example/" + "x" * 500, "TOO_LONG"),
    ],
)
def test_a_url_of_another_form_is_refused(url: str, why: str) -> None:
    with pytest.raises(TargetRefused) as refused:
        target_of(url, PRODUCTION)
    assert refused.value.why == why


def test_the_parts_of_a_url_are_what_is_called() -> None:
    target = target_of("https://his.example:8443/hook?from=htb", PRODUCTION)
    assert (target.host, target.port, target.path) == ("his.example", 8443, "/hook?from=htb")
    assert target.authority == "his.example:8443"
    assert target_of("https://his.example", PRODUCTION).authority == "his.example"
    assert target_of("http://[::1]:8080/", DEVELOPMENT).authority == "[::1]:8080"


PRIVATE = """127.0.0.1 10.1.2.3 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0 224.0.0.1 255.255.255.255
  ::1 :: fc00::1 fe80::1 ff02::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 64:ff9b::a00:1 2002:7f00:1::"""


@pytest.mark.parametrize("address", PRIVATE.split())
def test_an_address_that_is_not_public_is_not_called(address: str) -> None:
    assert not may_be_called(ip_address(address), PRODUCTION)


@pytest.mark.parametrize("address", ["8.8.8.8", "2400:3200::1", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_a_public_address_is_called(address: str) -> None:
    assert may_be_called(ip_address(address), PRODUCTION)


@pytest.mark.parametrize("address", ["169.254.169.254", "fe80::1", "0.0.0.0", "224.0.0.1"])
def test_what_no_hospital_has_is_not_called_in_development_either(address: str) -> None:
    assert not may_be_called(ip_address(address), DEVELOPMENT)
    assert may_be_called(ip_address("127.0.0.1"), DEVELOPMENT)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.1", "2130706433", "0x7f000001", "[::1]"])
async def test_no_way_of_writing_this_machine_gets_through(host: str) -> None:
    target = target_of(f"https://{host}/", PRODUCTION)
    with pytest.raises(TargetRefused) as refused:
        await resolved(target, PRODUCTION)
    assert refused.value.why in ("PRIVATE_ADDRESS", "NAME_NOT_FOUND")


async def test_a_name_that_nobody_has_is_told_so() -> None:
    with pytest.raises(TargetRefused) as refused:
        await resolved(target_of("https://no-such-host.invalid/", PRODUCTION), PRODUCTION)
    assert refused.value.why == "NAME_NOT_FOUND"
