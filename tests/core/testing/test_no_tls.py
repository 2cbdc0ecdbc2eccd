"""What a client on loopback has for TLS."""

from pathlib import Path

import httpx
import pytest

from signedin.testing.certificates import certificate
from signedin.testing.no_tls import no_tls
from signedin.testing.raw_server import hanging, serving


def test_it_trusts_nobody(tmp_path: Path) -> None:
    """Whoever speaks TLS after all is refused."""
    with (
        serving(hanging, tls=certificate(tmp_path)[0]) as server,
        httpx.Client(verify=no_tls(), trust_env=False) as client,
        pytest.raises(httpx.ConnectError, match="certificate"),
    ):
        client.get(server.url.replace("http:", "https:"))
