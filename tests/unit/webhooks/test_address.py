"""Where webhooks may lead: whole rules, with the ways around them that are known."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from hub.webhooks.address import is_public
from hub.webhooks.names import AddressRefused, Names
from hub.webhooks.target import MAX_URL, Target, UrlRefused, read_target

CLOSED = """
0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.100.100.200 100.127.255.255 127.0.0.1
127.255.255.254 168.63.129.16 169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.1 192.0.0.170
192.0.2.1 192.88.99.1 192.168.0.1 198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1
239.255.255.255 240.0.0.1 255.255.255.255
:: ::1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 ::127.0.0.1 64:ff9b::7f00:1 64:ff9b::808:808
64:ff9b:1::1 100::1 2001::1 2001:0:4136:e378:8000:63bf:3fff:fdd2 2001:db8::1 2001:10::1
2002:7f00:1::1 2002:808:808::1 3fff::1 5f00::1 fc00::1 fd00:ec2::254 fe80::1 fe80::1%eth0
fe80::1%1 fec0::1 ff02::1 2606:4700::1%eth0
127.1 2130706433 0x7f.0.0.1 0177.0.0.1 localhost empty 1.2.3.4.5
""".split()  # noqa: SIM905
OPEN = """
1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.1 100.63.255.255 100.128.0.1 172.15.255.255 172.32.0.1
192.0.1.1 192.167.255.255 198.17.255.255 198.20.0.1 223.255.255.255 223.5.5.5
2400:3200::1 2606:4700:4700::1111 2a00:1450:4001:810::200e
""".split()  # noqa: SIM905


@pytest.mark.parametrize("address", CLOSED)
def test_closed(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", OPEN)
def test_open(address: str) -> None:
    assert is_public(address)


REFUSED = [
    "http://receiver.example/",
    "ftp://receiver.example/",
    "file:///etc/passwd",
    "//receiver.example/",
    "receiver.example",
    "https://",
    "https:///path",
    "https:receiver.example",
    "https://user@receiver.example/",
    "https://user:secret@receiver.example/",
    "https://receiver.example@127.0.0.1/",
    "https://receiver.example\\@127.0.0.1/",
    "https://receiver.example/#part",
    "https://receiver.example/ space",
    "https://receiver.example/\r\nX-Header: 1",
    "https://receiver.example\t/",
    " https://receiver.example/",
    "https://receiver.example/\u00e9",
    "https://receiver.example:22/",
    "https://receiver.example:25/",
    "https://receiver.example:80/",
    "https://receiver.example:0/",
    "https://receiver.example:65536/",
    "https://receiver.example:/",
    "https://receiver.example:a/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0x7f.0.0.1/",
    "https://0177.0.0.1/",
    "https://127.1/",
    "https://127.0.0.01/",
    "https://1.2.3.4.5/",
    "https://256.1.1.1/",
    "https://receiver.example.0x1/",
    "https://receiver..example/",
    "https://.receiver.example/",
    "https://receiver.example../",
    "https://[::1/",
    "https://::1/",
    "https://[::ffff:127.0.0.1%eth0]/",
    "https://[fe80::1%25eth0]/",
    "https://[127.0.0.1]/",
    "https://-a.example/",
    "https://%31%32%37.0.0.1/",
    "https://a" + "a" * 63 + ".example/",
    "https://receiver.example/" + "x" * MAX_URL,
]


@pytest.mark.parametrize("url", REFUSED)
def test_refused_by_form(url: str) -> None:
    with pytest.raises(UrlRefused):
        read_target(url, private=False)


NORMAL = {
    "https://Receiver.Example": "https://receiver.example/",
    "HTTPS://receiver.example.:443/a?b=c": "https://receiver.example/a?b=c",
    "https://receiver.example?b=c": "https://receiver.example/?b=c",
    "https://receiver.example:8443/%E6%8E%A5": "https://receiver.example:8443/%E6%8E%A5",
    "https://接收.example/": "https://xn--gzuu8a.example/",
    "https://ⓡeceiver.example/": "https://receiver.example/",
    "https://receiver。example/": "https://receiver.example/",
    "https://[2606:4700::0001]:8443/": "https://[2606:4700::1]:8443/",
    "https://hooks_1.example/x": "https://hooks_1.example/x",
    # these have a good form; what they lead to is refused when it is looked up
    "https://①②⑦.⓪.⓪.①/": "https://127.0.0.1/",
    "https://127。0。0。1/": "https://127.0.0.1/",
    "https://127.0.0.1./": "https://127.0.0.1/",
    "https://[::ffff:127.0.0.1]/": "https://[::ffff:7f00:1]/",
    "https://localhost/": "https://localhost/",
}


@pytest.mark.parametrize("url", NORMAL)
def test_normal_form(url: str) -> None:
    target = read_target(url, private=False)
    assert target.url == NORMAL[url]
    assert read_target(target.url, private=False) == target


def test_private_lets_http_and_ports_through() -> None:
    target = read_target("http://receiver:25/", private=True)
    assert target == Target("http", "receiver", 25, "/")
    with pytest.raises(UrlRefused):
        read_target("http://user@receiver/", private=True)


TRICKS = ("127.0.0.1", "localhost", "localhost.", "::1", "::ffff:127.0.0.1", "0", "127.1")


@pytest.mark.parametrize("host", [*TRICKS, "2130706433", "0x7f000001", "[::1]", "no.invalid"])
async def test_looked_up_and_refused(host: str) -> None:
    names = Names(private=False)
    with pytest.raises(AddressRefused, match="does not lead to a public address"):
        await names.addresses(host, 443)
    names.close()


async def test_one_closed_address_among_several_is_enough() -> None:
    async def resolve(host: str, port: int) -> Sequence[str]:
        return ["1.1.1.1", "2606:4700::1", "10.0.0.1"]

    names = Names(private=False, resolve=resolve)
    with pytest.raises(AddressRefused):
        await names.addresses("receiver.example", 443)
    names.close()
