"""Only addresses of the public internet may be connected to, in whatever dress they come."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.fetch.addresses import is_public

PUBLIC = (
    "8.8.8.8",
    "1.1.1.1",
    "198.41.0.4",
    "2606:4700:4700::1111",
    "2001:4860:4860::8888",
    "64:ff9b::808:808",
    "::ffff:8.8.8.8",
)
NOT_PUBLIC = {
    "loopback": ("127.0.0.1", "127.8.9.10", "::1"),
    "private": ("10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "fc00::1", "fd12:3456::1"),
    "link-local": ("169.254.1.1", "fe80::1", "fe80::1%eth0"),
    "metadata of clouds": ("169.254.169.254", "169.254.170.2", "fd00:ec2::254", "100.100.100.200", "192.0.0.192", "168.63.129.16"),
    "this network": ("0.0.0.0", "0.1.2.3", "::"),
    "shared by carriers": ("100.64.0.1",),
    "multicast": ("224.0.0.1", "239.255.255.250", "ff02::1", "ff0e::1"),
    "reserved": ("240.0.0.1", "255.255.255.255", "192.0.2.1", "198.51.100.1", "203.0.113.1", "198.18.0.1", "192.88.99.1"),
    "documentation": ("2001:db8::1", "3fff::1"),
    "site-local, discard, segments": ("fec0::1", "100::1", "5f00::1"),
    "IPv4 mapped into IPv6": ("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:a9fe:a9fe"),
    "IPv4 compatible": ("::7f00:1", "::127.0.0.1"),
    "NAT64": ("64:ff9b::7f00:1", "64:ff9b::169.254.169.254", "64:ff9b:1::a00:1"),
    "6to4": ("2002:7f00:1::1", "2002:a00:1::"),
    "Teredo": ("2001:0:4136:e378:8000:63bf:3fff:fdd2",),
    "ISATAP": ("2606:4700::5efe:10.0.0.1", "2606:4700::200:5efe:10.0.0.1"),
}  # fmt: skip


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_may_be_connected_to(address):
    assert is_public(address)


@pytest.mark.parametrize("addresses", NOT_PUBLIC.values(), ids=NOT_PUBLIC)
def test_other_addresses_may_not(addresses):
    assert [address for address in addresses if is_public(address)] == []


INSIDE = [
    IPv4Network(net) for net in ("127.0.0.0/8", "10.0.0.0/8", "169.254.0.0/16", "192.168.0.0/16", "172.16.0.0/12")
]


@given(st.sampled_from(INSIDE).flatmap(lambda net: st.ip_addresses(network=net)))
def test_no_private_ipv4_address_passes_in_the_dress_of_ipv6(inside: IPv4Address):
    number = int(inside)
    dresses = [
        IPv6Address(number),
        IPv6Address(0xFFFF << 32 | number),
        IPv6Address(int(IPv6Address("64:ff9b::")) | number),
        IPv6Address(0x2002 << 112 | number << 80),
        IPv6Address(int(IPv6Address("2606:4700::5efe:0:0")) | number),
    ]

    assert not any(is_public(str(address)) for address in [inside, *dresses])


@given(st.ip_addresses(v=6))
def test_nothing_outside_of_global_unicast_passes(address: IPv6Address):
    if is_public(str(address)):
        assert address in IPv6Network("2000::/3") or address.ipv4_mapped or address in IPv6Network("64:ff9b::/96")
