"""The network that an address stands for in a limit: whoever has one address there easily has the others. Pure."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

UNKNOWN = "unknown"


def network_of(address: str) -> str:
    """The /24 of an IPv4 address or the /56 of an IPv6 one; `unknown`, shared by all, for what is no address."""
    try:
        parsed: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    except ValueError:
        return UNKNOWN
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    return str(ip_network((parsed, 24 if parsed.version == 4 else 56), strict=False))


def masked_address(address: str) -> str:
    """The address as the list of devices shows it: `203.0.113.*`, `2001:db8:12::*`; empty when it is unknown."""
    network = network_of(address)
    if network == UNKNOWN:
        return ""
    start = network.partition("/")[0]
    return f"{start.rpartition('.')[0]}.*" if "." in start else f"{start.rstrip(':')}::*"
