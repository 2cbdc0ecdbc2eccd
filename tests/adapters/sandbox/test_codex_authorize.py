"""The codex authorization endpoint: one client, two redirect_uris, and parameters that must not be missing."""

from urllib.parse import urlencode

import httpx
import pytest
from tests.adapters.sandbox.plain_app import IDENTITY_SCOPE, query
from tests.adapters.sandbox.plain_client import PlainClient, codex_client

from signedin_adapters.providers import codex
from signedin_adapters.sandbox import Sandbox, VisitRefused
from signedin_adapters.sandbox.parts import CODEX


@pytest.fixture
def tool(sandbox: Sandbox, http: httpx.Client) -> PlainClient:
    """A tool that never signed in."""
    return codex_client(sandbox, http)


def refused_page(tool: PlainClient, url: str) -> str:
    """The text of a refusal that was not redirected."""
    answer = tool.http.get(url)
    assert answer.status_code == 400
    assert "location" not in answer.headers
    return answer.text


def test_the_client_is_the_profiles() -> None:
    """Written down twice, since the sandbox knows no other adapter."""
    profile = codex.profile(issuer="http://127.0.0.1:1", backend="http://127.0.0.1:1/backend-api")
    assert profile.client_id == CODEX.client_id
    assert profile.authorization_endpoint == f"http://127.0.0.1:1{CODEX.authorization_endpoint}"
    assert profile.token_endpoint == f"http://127.0.0.1:1{CODEX.token_endpoint}"
    assert profile.revocation_endpoint == f"http://127.0.0.1:1{CODEX.revocation_endpoint}"
    assert profile.device is not None
    assert profile.device.authorization_endpoint == f"http://127.0.0.1:1{CODEX.device_endpoint}"
    assert profile.device.verification_uri == f"http://127.0.0.1:1{CODEX.device_page}"
    assert profile.redirect_ports == Sandbox().codex_ports == (1455, 1457)
    assert frozenset(profile.scopes) <= CODEX.scopes


def test_a_sign_in_brings_a_code_and_no_client_id(tool: PlainClient) -> None:
    """The client is known beforehand; the callback carries the code and the state."""
    callback = tool.approve()
    assert set(callback) == {"code", "state"}
    assert callback["state"] == tool.state


def test_both_registered_ports_are_taken(tool: PlainClient) -> None:
    """The second is for where the first is in use."""
    for port in tool.sandbox.codex_ports:
        tool.redirect_uri = f"http://localhost:{port}/auth/callback"
        assert tool.exchange(tool.approve()["code"]).status_code == 200


@pytest.mark.parametrize(
    "redirect_uri",
    [
        "http://127.0.0.1:1455/auth/callback",
        "http://[::1]:1455/auth/callback",
        "http://localhost:1456/auth/callback",
        "http://localhost:1455/callback",
        "http://localhost:1455/auth/callback?next=1",
        "https://localhost:1455/auth/callback",
        "http://localhost.evil.example:1455/auth/callback",
    ],
)
def test_any_other_redirect_uri_ends_on_a_page(tool: PlainClient, redirect_uri: str) -> None:
    """The address in digits is another redirect_uri than the name, and no other port is registered."""
    assert "unknown_error" in refused_page(tool, tool.authorize_url(redirect_uri=redirect_uri))


def test_the_ports_are_the_realms(http: httpx.Client) -> None:
    """So that a test never listens where a real tool would."""
    with Sandbox(codex_ports=(4001,)).running() as sandbox:
        tool = codex_client(sandbox, http)
        assert "code" in tool.approve()
        refused_page(tool, tool.authorize_url(redirect_uri="http://localhost:1455/auth/callback"))


@pytest.mark.parametrize(
    "name",
    ["client_id", "redirect_uri", "state", "originator", "id_token_add_organizations", "codex_cli_simplified_flow"],
)
@pytest.mark.parametrize("value", [None, "", " "])
def test_a_missing_parameter_ends_on_a_page(tool: PlainClient, name: str, value: str | None) -> None:
    """The app is told nothing, as seen of the originator."""
    assert "missing_required_parameter" in refused_page(tool, tool.authorize_url(**{name: value}))


def test_another_client_ends_on_a_page(tool: PlainClient) -> None:
    """There is one client here."""
    assert "client_id" in refused_page(tool, tool.authorize_url(client_id="app_unknown"))


def test_a_repeated_parameter_ends_on_a_page(tool: PlainClient) -> None:
    """Nobody knows which originator is meant."""
    url = f"{tool.authorize_url()}&{urlencode({'originator': 'other'})}"
    assert "exactly once" in refused_page(tool, url)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": f"{IDENTITY_SCOPE} model.request"}, "invalid_scope"),
        ({"scope": f"{IDENTITY_SCOPE} api.responses.write"}, "invalid_scope"),
        ({"scope": "profile email"}, "invalid_scope"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
    ],
)
def test_other_faults_are_told_to_the_app(tool: PlainClient, changes: dict[str, str], error: str) -> None:
    """At its redirect_uri, with its own state."""
    told = query(tool.http.get(tool.authorize_url(**changes)).headers["location"])
    assert (told["error"], told["state"]) == (error, tool.state)


def test_connectors_may_be_asked_for(tool: PlainClient) -> None:
    """The wider list of scopes is known as well."""
    scope = f"{IDENTITY_SCOPE} api.connectors.read api.connectors.invoke"
    assert tool.http.get(tool.authorize_url(scope=scope)).status_code == 200


def test_the_page_calls_the_tool_by_its_own_name(tool: PlainClient) -> None:
    """The originator; it is text."""
    page = tool.http.get(tool.authorize_url(originator="<b>acme</b>")).text
    assert "<strong>&lt;b&gt;acme&lt;/b&gt;</strong>" in page


def test_the_policy_lets_the_form_lead_back_to_localhost(tool: PlainClient) -> None:
    """The host that the browser is sent to, by name."""
    policy = tool.http.get(tool.authorize_url()).headers["content-security-policy"]
    assert policy.endswith(f"form-action 'self' http://localhost:{tool.sandbox.codex_ports[0]}")


def test_denial_is_told_to_the_app(tool: PlainClient) -> None:
    """Nothing is issued."""
    told = query(tool.sandbox.sign_in(tool.authorize_url(), deny=True))
    assert told == {"error": "access_denied", "state": tool.state}


def test_a_foreign_workspace_cannot_be_chosen(tool: PlainClient) -> None:
    """A person has those that are on the page."""
    with pytest.raises(VisitRefused):
        tool.sandbox.sign_in(tool.authorize_url(), "ada", workspace="Compilers")


def test_nobody_is_asked_where_everything_is_approved(tool: PlainClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """For demonstrations."""
    monkeypatch.setattr(tool.sandbox, "auto_approve", True)
    assert "code" in query(tool.http.get(tool.authorize_url()).headers["location"])
