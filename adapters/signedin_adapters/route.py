"""Owns the way to a host: which proxy is used, and whose certificates are believed.

Every mistake in a setting is found when it is read, and named by its key or variable. It never shows a proxy's URL,
which may hold a password, and never turns verification off.
"""

import os
import ssl
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from signedin.errors import ConfigurationError
from signedin.oauth.urls import is_loopback
from signedin_adapters.config.settings import PROXY_SCHEMES


class Route:
    """Proxy and trust, as the settings and the environment had them when this was made.

    `proxy` and `ca_file` are the `[network]` settings; without them the usual variables hold (`HTTPS_PROXY`,
    `ALL_PROXY`, `NO_PROXY`, `SSL_CERT_FILE`), and else the system's proxy and trust store. Raises ConfigurationError.
    """

    def __init__(self, *, proxy: str | None = None, ca_file: str | None = None) -> None:
        self._ask_bypass = proxy is None
        self._proxy = _checked(proxy, "[network] proxy") if proxy else _system_proxy()
        self._context = _stated_trust(ca_file)
        self._trusts_file = self._context is not None

    def __eq__(self, other: object) -> bool:
        """Whether both lead the same way. A file of certificates may be another one by now, whatever its name."""
        if not isinstance(other, Route) or self._trusts_file or other._trusts_file:
            return self is other
        return (self._proxy, self._ask_bypass) == (other._proxy, other._ask_bypass)

    def __hash__(self) -> int:
        return hash((self._proxy, self._ask_bypass))

    def proxy_for(self, host: str) -> str | None:
        """The URL of the proxy to this host, None for none; a literal loopback address is never sent to a proxy."""
        if is_loopback(host) or (self._ask_bypass and proxy_bypass(host)):
            return None
        return self._proxy

    def tls(self) -> ssl.SSLContext:
        """The verifying context, TLS 1.2 or newer, made once: the stated file's certificates, or the system's."""
        if self._context is None:
            import truststore

            self._context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            self._context.minimum_version = ssl.TLSVersion.TLSv1_2
        return self._context


def _system_proxy() -> str | None:
    found = getproxies()
    for key in ("https", "all"):
        if found.get(key):
            variables = (name for name in os.environ if name.lower() == f"{key}_proxy")
            return _checked(found[key], next(variables, "the system's proxy setting"))
    return None


def _checked(proxy: str, source: str) -> str:
    url = proxy if "://" in proxy else f"http://{proxy}"
    if wrong := _wrong_with(url):
        raise ConfigurationError(f"{source} {wrong}", case="proxy-scheme-unsupported")
    return url


def _wrong_with(url: str) -> str:
    """Why nobody can speak to this proxy; "" where somebody may."""
    try:
        parts = urlsplit(url)
        valid = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return "is not a valid URL"
    if parts.scheme not in PROXY_SCHEMES:
        return f"must begin with one of {', '.join(f'{scheme}://' for scheme in PROXY_SCHEMES)}"
    return "" if valid else "names no valid host and port"


def _stated_trust(ca_file: str | None) -> ssl.SSLContext | None:
    source = "[network] ca_file" if ca_file else "SSL_CERT_FILE"
    path = ca_file or os.environ.get("SSL_CERT_FILE")
    if not path:
        return None
    try:
        context = ssl.create_default_context(cafile=path)
    except OSError:
        raise ConfigurationError(
            f"{source} names {path}, which cannot be read as a file of certificates", case="ca-file-stale"
        ) from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
