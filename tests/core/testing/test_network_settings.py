"""What a test forgets of this machine."""

import os

import pytest

from signedin.testing.network_settings import forget_network_settings


def test_proxies_and_certificates_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """However they are spelled, and until the test is over; nothing else is."""
    there = {"HTTPS_PROXY": "http://127.0.0.1:9", "no_proxy": "*", "SSL_CERT_FILE": "/nowhere", "PROXY_NOTES": "mine"}
    for name, value in there.items():
        monkeypatch.setenv(name, value)
    with pytest.MonkeyPatch.context() as forgetting:
        forget_network_settings(forgetting)
        assert there.keys() & os.environ.keys() == {"PROXY_NOTES"}
    assert there.items() <= os.environ.items()
