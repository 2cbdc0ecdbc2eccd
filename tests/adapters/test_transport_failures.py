"""The table of transport failures."""

import errno
import inspect
import socket
import ssl

import httpx
import pytest

from signedin.classify import transport
from signedin_adapters.transport_failures import CLASSES, KINDS, failure, kind_of, numbers_in, was_sent

RAISED = [member for _, member in inspect.getmembers(httpx, inspect.isclass) if issubclass(member, Exception)]
LAST_ROW = Exception


@pytest.mark.parametrize("error", RAISED, ids=lambda error: error.__name__)
def test_every_exception_of_httpx_has_a_kind(error: type[Exception]) -> None:
    """What concerns a transport has a row of its own; a new class of httpx must be thought about here."""
    row = next(cls for cls, _ in CLASSES if issubclass(error, cls))
    not_ours = {httpx.HTTPError, httpx.RequestError, httpx.TransportError, httpx.HTTPStatusError, httpx.CookieConflict}
    if not issubclass(error, httpx.StreamError) and error not in not_ours:
        assert row is not LAST_ROW


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("proxied", [False, True])
@pytest.mark.parametrize("sent", [False, True])
def test_every_kind_has_a_case_and_a_sentence(kind: str, proxied: bool, sent: bool) -> None:
    """It names the host and ends like a sentence."""
    failed = failure(kind, host="id.example", sent=sent, proxied=proxied)
    assert (failed.kind, failed.sent) == (kind, sent)
    assert failed.case == transport.transport_case(kind, sent=sent)
    assert "id.example" in str(failed)
    assert str(failed).endswith(".")


def raised_from(error: Exception, cause: BaseException) -> Exception:
    """The error as if it had been raised from the cause."""
    error.__cause__ = cause
    return error


def test_the_cause_says_more_than_the_class() -> None:
    """DNS and TLS failures come as httpx.ConnectError; so do groups of both."""
    dns, tls = socket.gaierror(), ssl.SSLCertVerificationError()
    connect = httpx.ConnectError("x")
    assert kind_of(connect, sent=False, proxied=False) == "connect"
    assert kind_of(raised_from(connect, dns), sent=False, proxied=False) == "dns"
    assert kind_of(raised_from(connect, tls), sent=False, proxied=False) == "tls"
    assert kind_of(raised_from(connect, ExceptionGroup("", [OSError(), dns])), sent=False, proxied=False) == "dns"


def test_every_kind_that_has_a_case_has_a_sentence() -> None:
    """And the other way round."""
    assert tuple(KINDS) == transport.KINDS


def test_what_the_system_said_is_found_under_what_it_led_to() -> None:
    """A process without descriptors is not offline; what a name server or TLS counts is no errno."""
    exhausted, others = OSError(errno.EMFILE, "x"), [socket.gaierror(12, "x"), ssl.SSLError(1, "x")]
    error = raised_from(httpx.ConnectError("x"), ExceptionGroup("", [exhausted, *others]))
    assert numbers_in(error) == {errno.EMFILE}
    told = failure("connect", host="id.example", sent=False, proxied=False, numbers=numbers_in(error))
    assert (told.kind, told.case) == ("connect", "no-thread")


def test_a_handshake_that_only_stopped_is_no_verdict_on_trust() -> None:
    """A time-out or a closed connection in the middle of TLS is what it is."""
    timeout = raised_from(httpx.ConnectTimeout("x"), ssl.SSLWantReadError())
    assert kind_of(timeout, sent=False, proxied=False) == "timeout"
    assert kind_of(raised_from(httpx.ConnectError("x"), ssl.SSLEOFError()), sent=False, proxied=False) == "connect"


def test_before_a_tunnel_stands_every_failure_is_the_proxys() -> None:
    """Except that the certificate behind it is not trusted."""
    assert kind_of(raised_from(httpx.ConnectError("x"), socket.gaierror()), sent=False, proxied=True) == "proxy"
    assert kind_of(raised_from(httpx.ConnectError("x"), ssl.SSLError()), sent=False, proxied=True) == "tls"
    assert kind_of(httpx.ReadError("x"), sent=True, proxied=True) == "reset"


@pytest.mark.parametrize("error", [OSError(), ssl.SSLError(), socket.gaierror(), ValueError(), RuntimeError()])
def test_what_the_system_raises_after_sending_leaves_it_open(error: Exception) -> None:
    """Once sent, never again "certainly not sent"."""
    assert kind_of(error, sent=True, proxied=False) == "reset"


@pytest.mark.parametrize(
    ("error", "kind", "sent"),
    [
        (httpx.ConnectError("x"), "connect", False),
        (httpx.ConnectTimeout("x"), "timeout", False),
        (httpx.ProxyError("x"), "proxy", False),
        (httpx.ReadTimeout("x"), "deadline", True),
        (httpx.ReadError("x"), "reset", True),
        (TimeoutError(), "deadline", True),
    ],
)
def test_what_a_client_for_the_api_raises_says_by_itself_whether_it_was_sent(
    error: Exception, kind: str, sent: bool
) -> None:
    """Where there is no more to go by than the error."""
    assert was_sent(error) is sent
    assert kind_of(error, sent=was_sent(error), proxied=False) == kind
