"""Which proxy is used, and whose certificates are believed."""

import ssl
from pathlib import Path

import pytest

from signedin.errors import ConfigurationError
from signedin.testing.certificates import certificate
from signedin.testing.network_settings import forget_network_settings
from signedin_adapters.route import Route

UNUSABLE = [
    "socks://127.0.0.1:1",
    "socks4://127.0.0.1:1",
    "ftp://proxy.example",
    "http://",
    "http://proxy:port",
    "http://proxy:0",
    "http://[",
]


@pytest.fixture(autouse=True)
def _only_what_the_test_sets(monkeypatch: pytest.MonkeyPatch) -> None:
    forget_network_settings(monkeypatch)


def test_tls_is_1_2_at_least_and_verified(tmp_path: Path) -> None:
    """With the system's trust and with a file's, by host name."""
    _, path = certificate(tmp_path)
    for route in (Route(), Route(ca_file=str(path))):
        context = route.tls()
        assert context.minimum_version == ssl.TLSVersion.TLSv1_2
        assert context.verify_mode == ssl.CERT_REQUIRED
        assert context.check_hostname
        assert route.tls() is context


@pytest.mark.parametrize("content", [None, b"", b"no certificate"], ids=["missing", "empty", "nonsense"])
def test_a_certificate_file_that_is_none_is_named(
    content: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the setting's name and the path, when it is read."""
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigurationError, match="ca_file") as caught:
        Route(ca_file=str(path))
    assert (caught.value.case, str(path) in str(caught.value)) == ("ca-file-stale", True)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    with pytest.raises(ConfigurationError, match="SSL_CERT_FILE"):
        Route()


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])
def test_the_usual_variables_hold(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy without a scheme is an http one."""
    monkeypatch.setenv(variable, "proxy.example:3128")
    assert Route().proxy_for("id.example") == "http://proxy.example:3128"


def test_no_proxy_is_honoured_for_the_variables_and_not_for_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    """The setting stands above the environment."""
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", "id.example")
    assert Route().proxy_for("id.example") is None
    assert Route().proxy_for("api.example") == "http://proxy.example:3128"
    assert Route(proxy="socks5h://other.example").proxy_for("id.example") == "socks5h://other.example"


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1"])
def test_a_literal_loopback_address_has_no_proxy(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is set."""
    monkeypatch.setenv("ALL_PROXY", "http://proxy.example:3128")
    assert Route().proxy_for(host) is None
    assert Route(proxy="http://proxy.example").proxy_for(host) is None


@pytest.mark.parametrize("proxy", UNUSABLE)
def test_a_proxy_setting_that_cannot_be_used_is_named(proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """When it is read, by its key or variable, without the URL: that may hold a password."""
    secret = proxy.replace("://", "://ada:pass-secret@")
    with pytest.raises(ConfigurationError, match=r"\[network\] proxy") as caught:
        Route(proxy=secret)
    assert caught.value.case == "proxy-scheme-unsupported"
    assert "secret" not in str(caught.value)
    monkeypatch.setenv("https_proxy", secret)
    monkeypatch.setenv("NO_PROXY", "*")
    with pytest.raises(ConfigurationError, match="https_proxy"):
        Route()
