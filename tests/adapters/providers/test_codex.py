"""The profile `codex`, and what a table `[providers.codex]` may say of it."""

from pathlib import Path

import pytest

from signedin.errors import ConfigurationError
from signedin.oauth.discovery import from_provider
from signedin.oauth.urls import origin
from signedin.provider import Provider
from signedin_adapters import providers
from signedin_adapters.providers.codex import CODEX, profile


def find(home: Path, text: str) -> Provider:
    """The profile with this said of it."""
    (home / "config.toml").write_text(text)
    return providers.find("codex", home=str(home))


def test_it_is_what_the_ledger_says() -> None:
    """The values of docs/wire.md."""
    assert CODEX.client_id == "app_EMoamEEZ73f0CkXaXp7hrann"
    assert " ".join(CODEX.scopes) == "openid profile email offline_access"
    assert (CODEX.registration, CODEX.plan_scope, CODEX.resource) == ("fixed", None, None)
    assert (CODEX.sends_nonce, CODEX.revocation) == (False, "json")
    assert dict(CODEX.authorize_params) == {
        "id_token_add_organizations": "true",
        "codex_cli_simplified_flow": "true",
        "originator": "signedin",
    }
    assert (CODEX.redirect_host, CODEX.redirect_ports) == ("localhost", (1455, 1457))
    assert set(CODEX.ending_codes) == {
        "refresh_token_revoked",
        "token_revoked",
        "token_invalidated",
        "app_session_terminated",
    }


def test_its_endpoints_are_one_servers() -> None:
    """All on the issuer's host, the device's too; the API is another."""
    metadata = from_provider(CODEX)
    assert metadata is not None
    assert CODEX.device is not None
    assert metadata.authorization_endpoint == "https://auth.openai.com/oauth/authorize"
    assert metadata.token_endpoint == "https://auth.openai.com/oauth/token"
    assert metadata.revocation_endpoint == "https://auth.openai.com/oauth/revoke"
    device = (CODEX.device.authorization_endpoint, CODEX.device.token_endpoint, CODEX.device.verification_uri)
    assert {origin(url) for url in device} == {origin(CODEX.issuer)}
    assert CODEX.api_base == "https://chatgpt.com/backend-api/codex"


def test_it_is_the_default_nowhere(tmp_path: Path) -> None:
    """It is listed, with the reason why it is not."""
    (listed,) = (each for each in providers.known(str(tmp_path)) if each.name == "codex")
    assert listed.opt_in
    assert listed.profile is not None
    assert "chatgpt" in (listed.profile.notice or "")
    assert [each.name for each in providers.known(str(tmp_path)) if each.opt_in] == ["codex"]
    assert providers.default_name(str(tmp_path)) is None


def test_a_file_may_ask_for_it(tmp_path: Path) -> None:
    """By its name."""
    (tmp_path / "config.toml").write_text('provider = "codex"\n')
    assert providers.default_name(str(tmp_path)) == "codex"
    assert providers.find("codex", home=str(tmp_path)) is CODEX


def test_a_tool_may_say_what_it_is_called_there(tmp_path: Path) -> None:
    """Where it asks and where it calls; the rest is as it was built in."""
    found = find(tmp_path, '[providers.codex]\noriginator = "Acme Notes"\n')
    expected = profile(originator="Acme Notes")
    assert {name: getattr(found, name) for name in Provider.__slots__ if name != "sources"} == {
        name: getattr(expected, name) for name in Provider.__slots__ if name != "sources"
    }
    assert dict(found.api.headers)["originator"] == dict(found.authorize_params)["originator"] == "Acme Notes"


def test_a_tool_may_say_which_version_it_is_like(tmp_path: Path) -> None:
    """Newer models are listed to newer versions."""
    assert find(tmp_path, '[providers.codex]\nclient_version = "0.153.0"\n').api.models_query == (
        ("client_version", "0.153.0"),
    )


def test_what_was_said_has_its_line(tmp_path: Path) -> None:
    """And the rest is built in, the parameters beside it too."""
    found = find(tmp_path, '[providers.codex]\nclient_version = "2.0.0"\noriginator = "acme"\n')
    sources, file = dict(found.sources), f"{tmp_path}/config.toml"
    assert sources["api.headers.originator"] == sources["authorize_params.originator"] == f"{file}:3"
    assert sources["api.models_query.client_version"] == f"{file}:2"
    assert {place for place in sources.values() if not place.startswith(file)} == {"built in"}
    assert sources["authorize_params.codex_cli_simplified_flow"] == "built in"


def test_it_is_listed_once_with_what_was_said(tmp_path: Path) -> None:
    """Among those that are built in."""
    (tmp_path / "config.toml").write_text('[providers.codex]\noriginator = "acme"\n')
    (listed,) = (each for each in providers.known(str(tmp_path)) if each.name == "codex")
    assert listed.source == "built in"
    assert listed.profile is not None
    assert dict(listed.profile.api.headers) == {"originator": "acme"}


def test_a_table_that_says_nothing_changes_nothing(tmp_path: Path) -> None:
    """Not even where a setting came from."""
    assert find(tmp_path, "[providers.codex]\n") == CODEX


@pytest.mark.parametrize(
    ("setting", "mistake"),
    [
        ("issuer = 'https://id.example'", "issuer is not a setting"),
        ("client_id = 'mine'", "client_id is not a setting"),
        ("scopes = ['openid']", "scopes is not a setting"),
        ("originater = 'acme'", "originater is not a setting; did you mean originator?"),
        ("originator = ''", "originator must be a string"),
        ("originator = 'a\\u00e4'", "originator must be"),
        ("originator = 'acme '", "originator must be 1 to 64 letters"),
        ("originator = 'a\tb'", "originator must be"),
        (f"originator = '{'a' * 65}'", "originator must be 1 to 64 letters"),
        ("originator = 'codex_cli_rs'", "originator must be the name of your own tool"),
        ("originator = 'Codex Desktop'", "originator must be the name of your own tool"),
        ("client_version = '1.0'", "client_version must be three numbers, X.Y.Z"),
        ("client_version = '1.0.0-beta'", "client_version must be three numbers, X.Y.Z"),
        ("client_version = 'v1.0.0'", "client_version must be three numbers, X.Y.Z"),
        ("client_version = 1.0", "client_version must be a string"),
    ],
)
def test_a_mistake_is_named_with_file_line_and_key(tmp_path: Path, setting: str, mistake: str) -> None:
    """Whoever is asked for; nobody's settings but these two are open."""
    with pytest.raises(ConfigurationError) as caught:
        find(tmp_path, f"[providers.codex]\n{setting}\n")
    assert str(caught.value).startswith(f"{tmp_path}/config.toml:2: providers.codex.{mistake}")
    with pytest.raises(ConfigurationError):
        providers.find("chatgpt", home=str(tmp_path))
