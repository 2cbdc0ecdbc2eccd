"""Which providers there are, and which one a name means."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from signedin.errors import ConfigurationError, UnknownProvider
from signedin.oauth.discovery import from_provider
from signedin_adapters import providers
from signedin_adapters.providers import codex
from signedin_adapters.providers.chatgpt import CHATGPT

ACME = '[providers.acme]\nissuer = "https://id.example"\nclient_id = "a"\ntitle = "Acme"\n'
BUILT_IN = "chatgpt, codex, openai, sandbox, sandbox-codex, sandbox-native"


def run_sandbox(home: Path, **changes: object) -> None:
    reached = {
        "url": "http://127.0.0.1:8765",
        "issuer": "http://127.0.0.1:8765",
        "api_base": "http://127.0.0.1:8765/v1",
    }
    (home / "sandbox.json").write_text(json.dumps(reached | changes))


def test_chatgpt_is_known_without_any_file(tmp_path: Path) -> None:
    """The default needs no configuration."""
    assert providers.find("chatgpt", home=str(tmp_path)) is CHATGPT


def test_chatgpt_needs_no_discovery() -> None:
    """Every endpoint is in the profile, safe and on the issuer's host; one outage less can stop a refresh."""
    metadata = from_provider(CHATGPT)
    assert metadata is not None
    assert metadata.revocation_endpoint is not None


def test_chatgpt_asks_for_what_the_ledger_says() -> None:
    """The values of docs/wire.md."""
    assert CHATGPT.client_id == "dynamic_agent_client"
    assert CHATGPT.registration == "agent"
    assert " ".join(CHATGPT.scopes) == ("openid profile email offline_access resource.invoke chatgpt.tokens.use.direct")
    assert CHATGPT.plan_scope in CHATGPT.scopes
    assert CHATGPT.resource == CHATGPT.api_base == "https://api.openai.com/v1"
    assert (CHATGPT.redirect_host, CHATGPT.redirect_ports) == ("127.0.0.1", (0,))


def test_a_sandbox_that_never_ran_names_the_command_to_run(tmp_path: Path) -> None:
    """The one next step, as it is typed."""
    with pytest.raises(ConfigurationError, match="run `signedin sandbox`"):
        providers.find("sandbox", home=str(tmp_path))


def test_the_sandbox_is_like_chatgpt_but_for_where_it_is(tmp_path: Path) -> None:
    """The same registration and scopes; nothing in it is worth sealing."""
    run_sandbox(tmp_path)
    sandbox = providers.find("sandbox", home=str(tmp_path))
    assert (sandbox.registration, sandbox.scopes, sandbox.plan_scope) == ("agent", CHATGPT.scopes, CHATGPT.plan_scope)
    assert (sandbox.issuer, sandbox.resource) == ("http://127.0.0.1:8765", "http://127.0.0.1:8765/v1")
    assert not sandbox.secret
    assert dict(sandbox.sources)["issuer"] == f"{tmp_path}/sandbox.json"


def test_the_codex_sandbox_is_like_codex_but_for_where_it_is(tmp_path: Path) -> None:
    """Its client, rules and notice; the ports are those that the sandbox was started with."""
    run_sandbox(tmp_path, codex_ports=[4001, 4002])
    found = providers.find("sandbox-codex", home=str(tmp_path))
    url = "http://127.0.0.1:8765"
    there = replace(
        codex.profile(issuer=url, backend=f"{url}/backend-api"),
        name="sandbox-codex",
        title="Sandbox, the codex way",
        redirect_ports=(4001, 4002),
        manage_url=url,
        connections_url=url,
        secret=False,
    )
    assert replace(found, sources=()) == replace(there, sources=())
    assert dict(found.sources)["redirect_ports"] == dict(found.sources)["issuer"] == f"{tmp_path}/sandbox.json"


def test_a_sandbox_that_names_no_ports_has_those_of_codex(tmp_path: Path) -> None:
    """A file of an earlier version."""
    run_sandbox(tmp_path)
    assert providers.find("sandbox-codex", home=str(tmp_path)).redirect_ports == codex.REDIRECT_PORTS


@pytest.mark.parametrize("ports", [[], [0], ["1455"], 1455, [65536]])
def test_ports_that_are_none_are_damage(tmp_path: Path, ports: object) -> None:
    """And mended by the same command."""
    run_sandbox(tmp_path, codex_ports=ports)
    with pytest.raises(ConfigurationError, match=r"damaged: run `signedin sandbox` again"):
        providers.find("sandbox-codex", home=str(tmp_path))


def test_the_native_sandbox_is_found_by_discovery_alone(tmp_path: Path) -> None:
    """As a provider of `config.toml` would be: a fixed client, and no endpoint in the profile."""
    run_sandbox(tmp_path)
    found = providers.find("sandbox-native", home=str(tmp_path))
    assert (found.issuer, found.client_id, found.registration) == (
        "http://127.0.0.1:8765/native",
        "sandbox-native",
        "fixed",
    )
    assert found.api_base == "http://127.0.0.1:8765/native/v1"
    assert from_provider(found) is None


def test_codex_needs_no_discovery(tmp_path: Path) -> None:
    """Its issuer's document is that of another way to sign in."""
    assert from_provider(providers.find("codex", home=str(tmp_path))) is not None


@pytest.mark.parametrize("content", ["", "[]", '{"issuer": 1}', '{"url": "x"}', "[" * 5000])
def test_a_damaged_sandbox_file_is_made_anew_by_the_same_command(tmp_path: Path, content: str) -> None:
    """Nothing in it is worth keeping."""
    (tmp_path / "sandbox.json").write_text(content)
    with pytest.raises(ConfigurationError, match=r"damaged: run `signedin sandbox` again"):
        providers.find("sandbox", home=str(tmp_path))


@pytest.mark.parametrize("issuer", ["https://id.example", "http://localhost:8765", "https://auth.openai.com"])
def test_a_sandbox_elsewhere_is_refused(tmp_path: Path, issuer: str) -> None:
    """Its accounts are not sealed, so they must not belong to a real server."""
    run_sandbox(tmp_path, issuer=issuer)
    with pytest.raises(ConfigurationError):
        providers.find("sandbox", home=str(tmp_path))


def test_a_configured_provider_is_found_by_its_name(tmp_path: Path) -> None:
    """A table is all it takes."""
    (tmp_path / "config.toml").write_text(ACME)
    assert providers.find("acme", home=str(tmp_path)).title == "Acme"


def test_an_unknown_name_is_answered_with_the_known_ones(tmp_path: Path) -> None:
    """The list is the remedy."""
    (tmp_path / "config.toml").write_text(ACME)
    with pytest.raises(UnknownProvider, match=f"there are {BUILT_IN}, acme"):
        providers.find("acne", home=str(tmp_path))


def test_all_of_them_in_order(tmp_path: Path) -> None:
    """Built-in ones first, then the file's, each with its place; a sandbox that never ran is listed all the same."""
    (tmp_path / "config.toml").write_text(ACME)
    known = providers.known(str(tmp_path))
    assert [(each.name, each.title) for each in known] == [
        ("chatgpt", "ChatGPT plan"),
        ("codex", "ChatGPT plan, the Codex way"),
        ("openai", "OpenAI API key"),
        ("sandbox", "Sandbox on this machine"),
        ("sandbox-codex", "Sandbox, the codex way"),
        ("sandbox-native", "Sandbox, with a fixed client"),
        ("acme", "Acme"),
    ]
    assert [each.source for each in known] == ["built in"] * 6 + [f"{tmp_path}/config.toml:1"]
    assert [each.name for each in known if each.profile is None] == ["sandbox", "sandbox-codex", "sandbox-native"]


def test_the_default_is_what_the_file_says(tmp_path: Path) -> None:
    """None where it says nothing."""
    assert providers.default_name(str(tmp_path)) is None
    (tmp_path / "config.toml").write_text('provider = "acme"\n' + ACME)
    assert providers.default_name(str(tmp_path)) == "acme"


def test_a_default_that_names_no_provider_is_a_mistake_of_the_file(tmp_path: Path) -> None:
    """It has a file, a line and a key."""
    (tmp_path / "config.toml").write_text('\nprovider = "acne"\n' + ACME)
    with pytest.raises(ConfigurationError, match=rf"config\.toml:2: provider must be one of {BUILT_IN}, acme"):
        providers.default_name(str(tmp_path))


def test_a_mistake_shows_whichever_provider_is_asked_for(tmp_path: Path) -> None:
    """It shows when it is made, not when it is used."""
    (tmp_path / "config.toml").write_text(ACME + "typo = 1\n")
    with pytest.raises(ConfigurationError, match=r"config\.toml:5: providers\.acme\.typo"):
        providers.find("chatgpt", home=str(tmp_path))
