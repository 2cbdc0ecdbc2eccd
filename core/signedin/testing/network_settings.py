"""Owns how a test forgets what this machine's environment says about proxies and certificates."""

import os

import pytest


def forget_network_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take every proxy variable and every certificate variable out of the environment."""
    for name in list(os.environ):
        if name.lower().endswith("_proxy") or name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
            monkeypatch.delenv(name)
