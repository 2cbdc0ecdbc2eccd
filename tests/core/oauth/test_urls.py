"""Which URLs credentials may go to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signedin.errors import ConfigurationError
from signedin.oauth.urls import is_loopback, origin, require_safe

SAFE = [
    "https://id.example",
    "https://id.example/path?x=1",
    "https://id.example:8443/",
    "https://192.0.2.7/token",
    "https://[2001:db8::1]/token",
    "http://127.0.0.1:8765/token",
    "http://127.3.2.1/token",
    "http://[::1]:8765/token",
]
UNSAFE = [
    "",
    "id.example/token",
    "//id.example/token",
    "http://id.example/token",
    "http://localhost:8765/token",
    "http://127.0.0.1.evil.example/",
    "http://127.1/",
    "http://2130706433/",
    "http://0x7f.0.0.1/",
    "http://0.0.0.0/",
    "http://[::]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::1%25lo]/",
    "http://localhost:80@attacker.example/",
    "https://good.example@evil.example/",
    "https://user:password@id.example/",
    "https://@id.example/",
    "https://good.example\\@evil.example/",
    "https://id.example/#fragment",
    "https://id.example:0/",
    "https://id.example:65536/",
    "https://id.example:port/",
    "https:///token",
    "https://-flag/",
    "https://id.example/a b",
    "https://id.example/\n",
    "https://id.example/\x1b[2J",
    "https://[::1",
    "https://exämple.org/",
    "javascript:alert(1)",
    "file:///etc/passwd",
    "ftp://id.example/",
    "https://id.example/$(touch)`x`",
    "https://id.example/" + "a" * 3000,
]


@pytest.mark.parametrize("url", SAFE)
def test_https_and_literal_loopback_are_safe(url: str) -> None:
    """https anywhere; http to 127.0.0.0/8 and ::1."""
    require_safe(url, "the endpoint")


@pytest.mark.parametrize("url", UNSAFE)
def test_everything_else_is_refused_without_being_quoted(url: str) -> None:
    """The message names the setting, never its value: it may hold a password."""
    with pytest.raises(ConfigurationError) as caught:
        require_safe(url, "the endpoint")
    assert str(caught.value).startswith("the endpoint ")
    assert "password@" not in str(caught.value)
    assert "evil" not in str(caught.value)


@given(st.text())
def test_any_text_is_accepted_or_refused(url: str) -> None:
    """The rule is total, and what it accepts has an origin."""
    try:
        require_safe(url, "it")
    except ConfigurationError:
        return
    assert origin(url)[1]


def test_an_origin_is_scheme_host_and_port() -> None:
    """The default port counts, case does not."""
    assert origin("https://ID.example/a") == origin("https://id.example:443/b")
    assert origin("https://id.example/") != origin("https://id.example:8443/")


def test_loopback_is_a_literal() -> None:
    """A name never is."""
    assert is_loopback("127.0.0.1")
    assert is_loopback("::1")
    assert not is_loopback("localhost")
