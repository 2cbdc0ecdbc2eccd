"""Owns the table from what httpx, ssl and the system raise to `TransportFailed`: its kind and its sentence.

Which case a kind is stands in `classify.transport`.

It never passes on an exception's own text: that may quote a URL, a header or a proxy's password.
"""

import socket
import ssl
from collections.abc import Collection, Iterator
from typing import cast

import httpx

from signedin.classify.transport import transport_case
from signedin.errors import TransportFailed

# First the failures of which it is certain that nothing was sent.
KINDS: dict[str, str] = {
    "dns": "The name {host} cannot be resolved.",
    "connect": "No connection to {host} could be made.",
    "timeout": "{host} took no connection in time (proxy: {proxy}).",
    "tls": "No trusted connection to {host} could be made.",
    "proxy": "The proxy did not give a connection to {host}.",
    "proxy-auth": "The proxy on the way to {host} asks for a user name and password.",
    "reset": "The connection to {host} broke before the answer was whole.",
    "deadline": "{host} did not answer in time (proxy: {proxy}).",
    "too-large": "The answer of {host} is too large.",
    "encoding": "The answer of {host} is compressed, which was not asked for.",
    "redirect": "{host} sent us elsewhere, where no credential goes.",
}

# The first row that fits. Subclasses stand above what they derive from.
CLASSES: tuple[tuple[type[Exception], str], ...] = (
    (httpx.ProxyError, "proxy"),
    (httpx.TimeoutException, "timeout"),
    (httpx.ConnectError, "connect"),
    (httpx.UnsupportedProtocol, "connect"),
    (httpx.InvalidURL, "connect"),
    (httpx.NetworkError, "reset"),
    (httpx.ProtocolError, "reset"),
    (httpx.DecodingError, "encoding"),
    (httpx.TooManyRedirects, "redirect"),
    (TimeoutError, "timeout"),
    (Exception, "reset"),
)

_BEFORE_SENDING = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.InvalidURL,
)

# ssl raises these while it waits, or when the other side went away: they say nothing about trust.
_NO_VERDICT = (
    ssl.SSLWantReadError,
    ssl.SSLWantWriteError,
    ssl.SSLEOFError,
    ssl.SSLZeroReturnError,
    ssl.SSLSyscallError,
)


def kind_of(error: Exception, *, sent: bool, proxied: bool) -> str:
    """Which of `KINDS` this is, from the error and everything that it was raised from."""
    kind = next(kind for cls, kind in CLASSES if isinstance(error, cls))
    causes = list(_causes(error))
    if sent:
        return "deadline" if kind == "timeout" else kind
    if any(isinstance(cause, ssl.SSLError) and not isinstance(cause, _NO_VERDICT) for cause in causes):
        return "tls"
    if kind == "proxy" and str(error).startswith("407"):
        return "proxy-auth"
    if proxied:
        return "proxy"
    return "dns" if any(isinstance(cause, socket.gaierror) for cause in causes) else kind


def was_sent(error: Exception) -> bool:
    """Whether the request may have left, as far as the error alone tells."""
    return not isinstance(error, _BEFORE_SENDING)


def numbers_in(error: Exception) -> set[int]:
    """The errno of all that the system said on the way to this error. What names and TLS count is another's."""
    said = [cause for cause in _causes(error) if isinstance(cause, OSError)]
    return {cause.errno for cause in said if cause.errno and not isinstance(cause, socket.gaierror | ssl.SSLError)}


def failure(kind: str, *, host: str, sent: bool, proxied: bool, numbers: Collection[int] = ()) -> TransportFailed:
    """The error of this kind, in words for people. `numbers` are those of `numbers_in`."""
    message = KINDS[kind].format(host=host, proxy="used" if proxied else "none")
    return TransportFailed(message, kind=kind, sent=sent, case=transport_case(kind, sent=sent, numbers=numbers))


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error, what it was raised from or after, and the members of groups among them."""
    pending: list[BaseException | None] = [error]
    while pending:
        current = pending.pop()
        if current is None:
            continue
        yield current
        if isinstance(current, BaseExceptionGroup):
            pending.extend(cast(BaseExceptionGroup[BaseException], current).exceptions)
        # httpcore raises again "from None": only the context leads on.
        pending += [current.__cause__, current.__context__]
