"""Owns the rule for URLs that credentials may go to: https, or http to a literal loopback address, and nothing tricky.

The name `localhost` is not a literal: what it means is decided elsewhere (RFC 8252 §8.3).
"""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import SplitResult, urlsplit

from signedin.errors import ConfigurationError

_VISIBLE = re.compile(r"[!-~]{1,2048}", re.ASCII)
_TRICKY = re.compile(r'["<>\\^`{|}#]')
_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?\.?")
_LOOPBACK_V6 = IPv6Address("::1")

Origin = tuple[str, str, int]


def require_safe(url: str, what: str) -> None:
    """Raise ConfigurationError, which names `what` and never quotes the URL, unless credentials may be sent there."""
    parts = _split(url, what)
    host = parts.hostname or ""
    if "@" in parts.netloc:
        raise ConfigurationError(f"{what} must not contain a user name or password")
    if parts.scheme not in ("https", "http"):
        raise ConfigurationError(f"{what} must begin with https://")
    if _address(host) is None and not _NAME.fullmatch(host):
        raise ConfigurationError(f"{what} has no valid host name")
    if parts.scheme == "http" and not is_loopback(host):
        raise ConfigurationError(f"{what} must begin with https:// (http:// is for 127.0.0.1 and [::1] alone)")


def origin(url: str) -> Origin:
    """Scheme, host and port (RFC 6454 §4) of a URL that `require_safe` accepts."""
    parts = _split(url, "the URL")
    return parts.scheme, parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)


def is_loopback(host: str) -> bool:
    """Whether `host` (without brackets) is a literal address in 127.0.0.0/8, or ::1."""
    address = _address(host)
    return address == _LOOPBACK_V6 or (isinstance(address, IPv4Address) and address.is_loopback)


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _split(url: str, what: str) -> SplitResult:
    try:
        if not _VISIBLE.fullmatch(url) or _TRICKY.search(url):
            raise ValueError
        parts = urlsplit(url)
        if parts.port == 0:
            raise ValueError
    except ValueError:
        raise ConfigurationError(f"{what} is not a valid URL") from None
    return parts
