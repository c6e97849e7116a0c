"""The address of a webhook, taken apart once and never interpreted again."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address

import idna

MAX_URL = 2_000
REST = re.compile(r"[A-Za-z0-9\-._~:/?@!$&'()*+,;=%\[\]|]*")
"""What RFC 3986 lets stand in a path and query, and the bar that many servers use."""
LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
NUMERIC = re.compile(r"\d+|0x[0-9a-f]*")
"""A last label by which other programs take the whole host for an IPv4 address."""
FORM = re.compile(
    r"(https?)://(\[[0-9A-Fa-f:.]+\]|[^/?#@:\[\]\\]+)(?::(\d{1,5}))?([/?][^#]*)?", re.I
)


class UrlRefused(Exception):
    """An address no webhook can have; the text says what is wrong and what to do."""


@dataclass(frozen=True)
class Target:
    """Where a webhook leads."""

    scheme: str
    host: str
    """A name in its ASCII form, or an IP address without brackets."""
    port: int
    rest: str
    """Path and query, beginning with `/`."""

    @property
    def url(self) -> str:
        """The address in its normal form."""
        return f"{self.scheme}://{self.netloc}{self.rest}"

    @property
    def netloc(self) -> str:
        """Host and port as they stand in an address and in the header `Host`."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = 443 if self.scheme == "https" else 80
        return host if self.port == usual else f"{host}:{self.port}"


def read_target(url: str, *, private: bool) -> Target:
    """The parts of an address. Pure: no name is looked up.

    `private` lets http and any port through. Raises UrlRefused.
    """
    if len(url) > MAX_URL:
        raise UrlRefused(f"the url has {len(url):,} characters; at most {MAX_URL:,} are taken")
    match = FORM.fullmatch(url)
    if match is None:
        raise UrlRefused(
            "the url must be like https://host/path: without user name or password, # part, "
            "spaces and backslashes"
        )
    scheme, host, port, rest = match[1].lower(), match[2], match[3], match[4] or "/"
    if rest.startswith("?"):
        rest = f"/{rest}"
    if not REST.fullmatch(rest):
        raise UrlRefused("the url's path and query must be percent-encoded ASCII")
    if scheme != "https" and not private:
        raise UrlRefused("the url must begin with https://: what is sent is not for everybody")
    number = int(port) if port else {"https": 443, "http": 80}[scheme]
    if not 1 <= number <= 65535 or not (private or number == 443 or number >= 1024):
        raise UrlRefused("the url's port must be 443 or 1024 to 65535")
    return Target(scheme, _host(host), number, rest)


def _host(text: str) -> str:
    if text.startswith("["):
        try:
            return str(IPv6Address(text[1:-1]))
        except AddressValueError:
            raise UrlRefused("the url's host is no IPv6 address") from None
    try:
        name = idna.encode(text, uts46=True, std3_rules=False).decode().lower()
    except (idna.IDNAError, UnicodeError):
        name = text.lower() if text.isascii() else ""
    name = name.removesuffix(".")
    labels = name.split(".")
    if len(name) > 253 or not all(LABEL.fullmatch(label) for label in labels):
        raise UrlRefused("the url's host is no host name")
    if NUMERIC.fullmatch(labels[-1]):
        try:
            return str(IPv4Address(name))
        except AddressValueError:
            raise UrlRefused("the url's host is no IPv4 address of four decimal numbers") from None
    return name
