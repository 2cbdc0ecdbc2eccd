"""Owns `Config`: what `config.toml` sets for every app of a home. Whatever is not set there has its default here.

Where there is no file, nothing that parses one is imported.
"""

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from signedin_adapters.config.table import Table

FILE = "config.toml"
PROXY_SCHEMES = ("http", "https", "socks5", "socks5h")
_HOST = re.compile(r"[A-Za-z0-9.:_-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """How to reach the providers. None: the usual variables (`HTTPS_PROXY` …), and the system's own trust store.

    `proxy` may hold a user name and password, and is therefore left out of repr; `ca_file` is absolute.
    """

    proxy: str | None = None
    ca_file: str | None = None

    def __repr__(self) -> str:
        return f"Network(proxy={'set' if self.proxy else None}, ca_file={self.ca_file!r})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """`provider` is the command's default, None where the file names none; `providers` are tables, not yet understood.

    `place` is where the default stands, as `FILE:LINE: provider`.
    """

    provider: str | None = None
    network: Network = Network()
    providers: "tuple[Table, ...]" = ()
    place: str = ""


def path(home: str) -> str:
    """Where the file of this home lies, or would."""
    return os.path.join(home, FILE)


def read(home: str) -> Config:
    """Read the home's file; all defaults where there is none. ConfigurationError names file, line and key."""
    file = path(home)
    if not os.path.lexists(file):
        return Config()
    from signedin_adapters.config.document import Document
    from signedin_adapters.config.table import Table

    document = Document(file)
    top = Table(document, (), document.values)
    provider = top.text("provider")
    network = _network(top.table("network"), home)
    named = top.table("providers")
    providers = tuple(named.table(name) for name in named.keys)
    top.finish()
    return Config(provider=provider, network=network, providers=providers, place=top.place("provider"))


def _network(table: "Table", home: str) -> Network:
    proxy, ca_file = table.text("proxy"), table.text("ca_file")
    table.finish()
    if proxy is not None and not _is_proxy(proxy):
        schemes = ", ".join(PROXY_SCHEMES)
        table.refuse(
            "proxy", f"must be SCHEME://HOST:PORT, where SCHEME is one of {schemes}", case="proxy-scheme-unsupported"
        )
    if ca_file is not None:
        ca_file = os.path.join(home, os.path.expanduser(ca_file))
        if not os.path.isfile(ca_file):
            table.refuse("ca_file", "names no file", case="ca-file-stale")
    return Network(proxy=proxy, ca_file=ca_file)


def _is_proxy(url: str) -> bool:
    """A proxy carries only what TLS has sealed, so plain http is well; a user and password may stand in the URL."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in PROXY_SCHEMES and _HOST.fullmatch(parts.hostname or "") and parts.port != 0
    except ValueError:
        return False
    return bool(good) and not (parts.path.strip("/") or parts.query or parts.fragment)
