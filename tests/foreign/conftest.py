"""A foreign authorization server, and a connection to it that is configured as any user would."""

from collections.abc import Generator
from pathlib import Path

import pytest
from tests.support import oidc_provider

CONFIG = """\
[providers.foreign]
issuer = "{issuer}"
client_id = "native-{algorithm}"
scopes = ["openid", "email", "offline_access", "notes:read"]
resource = "{issuer}/api"
api_base = "{issuer}/api"
authorize_params = {{ prompt = "consent" }}
"""


@pytest.fixture(scope="module")
def issuer() -> Generator[str]:
    """A running oidc-provider."""
    with oidc_provider.serving() as issuer:
        yield issuer


@pytest.fixture
def algorithm() -> str:
    """What the server signs ID tokens with; a test may ask for another."""
    return "RS256"


@pytest.fixture
def home(tmp_path: Path, issuer: str, algorithm: str) -> Path:
    """A home whose `config.toml` names the server, and nothing of it but the issuer."""
    config = CONFIG.format(issuer=issuer, algorithm=algorithm.lower())
    (tmp_path / "config.toml").write_text(config, encoding="utf-8")
    return tmp_path
