"""Which addresses count as somebody else's on the Internet."""

from __future__ import annotations

import ipaddress
import random

import pytest

from tonearm.outbound import OutboundClient, OutboundRefusedError
from tonearm.outbound.addresses import is_public


@pytest.mark.parametrize(
    "address",
    ["1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "172.15.255.255", "172.32.0.0",
     "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "223.255.255.255", "169.253.255.255",
     "2606:4700::1111", "2a00::1", "2001:200::1", "2002:101:101::1", "64:ff9b::101:101", "::ffff:1.1.1.1"],
)  # fmt: skip
def test_an_address_of_the_internet_is_public(address: str):
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    ["0.0.0.0",  # noqa: S104 - not to be bound to
     "0.1.2.3", "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.169.254",
     "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1",
     "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1",
     "255.255.255.255", "::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:7f00:1",
     "::ffff:169.254.169.254", "::ffff:0:7f00:1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1",
     "2002:7f00:1::1", "2002:a9fe:a9fe::1", "2002:a00::", "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2",
     "2001:db8::1", "3fff::1", "100::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%lo",
     "fec0::1", "ff02::1", "localhost", "127.1", "0x7f000001"],
)  # fmt: skip
def test_an_address_near_us_is_not(address: str):
    assert not is_public(address)


def test_no_address_is_not_public():
    assert not is_public("")


def test_nothing_that_the_standard_library_knows_as_special_is_public():
    draw = random.Random(5)
    for _ in range(20_000):
        four = ipaddress.IPv4Address(draw.getrandbits(32))
        six = ipaddress.IPv6Address(draw.getrandbits(128))
        for address in (four, six):
            special = address.is_private or address.is_loopback or address.is_link_local or address.is_multicast
            assert not (special and is_public(str(address))), address


@pytest.mark.parametrize("entry", ["", " ", "http://x", "a/b", "a@b", "a:b", "[::1", "a?b", "a:99999"])
def test_an_entry_that_names_no_host_is_refused(entry: str):
    with pytest.raises(ValueError, match="host or host:port"):
        OutboundClient(user_agent="t", allowed_private_hosts=[entry])


@pytest.mark.parametrize(
    ("url", "fine"),
    [
        ("http://nas.lan/x", True),
        ("http://NAS.lan:81/x", True),
        ("https://nas.lan./", True),
        ("http://sub.nas.lan/", False),
        ("http://box:8080/", True),
        ("http://box/", False),
        ("http://[::1]:99/", True),
        ("http://[0:0:0:0:0:0:0:1]:99/", True),
        ("http://[::1]:98/", False),
        ("http://10.0.0.5:7/", True),
        ("http://plc.lan:2582/did", True),
        ("https://plc.lan:2582/did", True),  # another origin, so held to what holds for all: an address to be checked
        ("http://plc.lan/did", False),
        ("http://plc.lan:2582@evil.example/", False),
        ("http://evil.example#@plc.lan:2582/", False),
        ("ftp://nas.lan/", False),
        ("file:///etc/passwd", False),
        ("//nas.lan/", False),
        ("https://", False),
        ("https://user@public.example/", False),
        ("https://public.example:0/", False),
        ("https://public.example/" + "x" * 9000, False),
        ("https://public.example/", True),
        ("https://2130706433/", False),
        ("https://017700000001/", False),
        ("https://0x7f.0.0.1/", False),
        ("https://127.1/", False),
        ("https://127.0.0.1./", False),
        ("https://①②⑦.0.0.1/", False),
        ("https://1.1.1.1/", True),
    ],
)
def test_what_may_be_asked(url: str, fine: bool):
    client = OutboundClient(
        user_agent="t",
        allowed_private_hosts=["nas.lan", "box:8080", "[::1]:99", "10.0.0.5:7"],
        trusted_origins=["http://plc.lan:2582"],
    )
    if fine:
        client.destinations.check(url)
    else:
        with pytest.raises(OutboundRefusedError):
            client.destinations.check(url)
