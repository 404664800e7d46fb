"""Which IP addresses may be connected to: those of the public internet, and no way around that.

A page, a feed or a redirect may name any host, so without this check a stranger could make the tracker read the inside of the network that it runs in
(server-side request forgery): routers, databases, the credentials that clouds serve at 169.254.169.254.

Computes only.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

Address = IPv4Address | IPv6Address

PUBLIC_IPV6: Final = IPv6Network("2000::/3")  # all that IANA has opened for global unicast so far
NAT64: Final = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))  # RFC 6052, RFC 8215
COMPATIBLE: Final = IPv6Network("::/96")  # RFC 4291, section 2.5.5.1: deprecated, still routed by some systems
ISATAP: Final = 0x5EFE  # RFC 5214: the interface identifier before the IPv4 address, global or local bit aside
# Looks public, is not: Azure answers its virtual machines there.
METADATA: Final = frozenset({IPv4Address("168.63.129.16")})
# `is_global` of Python 3.11.7 takes these for public: RFC 6890, RFC 3068 (deprecated relay of 6to4), RFC 9637, RFC 9602.
UNROUTED: Final = tuple(ip_network(network) for network in ("192.0.0.0/24", "192.88.99.0/24", "3fff::/20", "5f00::/16"))


def is_public(address: str) -> bool:
    """Say whether an IP address lies in the public internet, and so does every IPv4 address that it stands for."""
    parsed = ip_address(address.partition("%")[0])
    return all(_is_public(one) for one in (parsed, *_embedded(parsed)))


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv6Address):
        if _maps(address):
            return True  # the IPv4 address inside decides
        if address not in PUBLIC_IPV6:
            return False
    if address in METADATA or any(address in network for network in UNROUTED):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _maps(address: IPv6Address) -> bool:
    return address.ipv4_mapped is not None or address in NAT64[0]


def _embedded(address: Address) -> Iterator[IPv4Address]:
    """List the IPv4 addresses that a packet to an IPv6 address may end at."""
    if isinstance(address, IPv4Address):
        return
    last = IPv4Address(int(address) & 0xFFFFFFFF)
    if _maps(address) or address in COMPATIBLE or (int(address) >> 32) & 0xFDFFFFFF == ISATAP:
        yield last
    if address.sixtofour is not None:
        yield address.sixtofour
    if address.teredo is not None:
        yield from address.teredo
