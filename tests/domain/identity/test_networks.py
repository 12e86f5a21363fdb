"""Limits are per network, and the list of devices shows no whole address."""

import pytest

from domain.identity.networks import masked_address, network_of


@pytest.mark.parametrize(
    ("address", "network", "shown"),
    [
        ("203.0.113.77", "203.0.113.0/24", "203.0.113.*"),
        ("::ffff:203.0.113.5", "203.0.113.0/24", "203.0.113.*"),
        ("2001:db8:1:2ff:3::9", "2001:db8:1:200::/56", "2001:db8:1:200::*"),
        ("fe80::1%eth0", "fe80::/56", "fe80::*"),
        ("", "unknown", ""),
        ("not an address", "unknown", ""),
    ],
)
def test_an_address_counts_as_its_network(address: str, network: str, shown: str) -> None:
    assert network_of(address) == network
    assert masked_address(address) == shown
