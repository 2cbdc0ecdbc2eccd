"""The authorization endpoint: every parameter of the contract, exactly."""

import uuid
from urllib.parse import urlencode

import pytest
from tests.adapters.sandbox.plain_app import IDENTITY_SCOPE, PlainApp, query

from signedin_adapters.sandbox import VisitRefused


def refused_page(app: PlainApp, url: str) -> str:
    """The text of a refusal that was not redirected."""
    answer = app.http.get(url)
    assert answer.status_code == 400
    assert "location" not in answer.headers
    return answer.text


@pytest.mark.parametrize(
    "redirect_uri",
    [
        "http://localhost:51234/auth/callback",
        "https://127.0.0.1:51234/auth/callback",
        "http://[::1]:51234/auth/callback",
        "http://127.0.0.1/auth/callback",
        "http://127.0.0.1:0/auth/callback",
        "http://127.0.0.1:65536/auth/callback",
        "http://127.0.0.1:51234",
        "http://127.0.0.1:51234/auth/callback?next=1",
        "http://127.0.0.1:51234/auth/callback#here",
        "http://user@127.0.0.1:51234/auth/callback",
        "http://127.0.0.1:51234@evil.example/auth/callback",
        "http://127.0.0.1.evil.example:51234/auth/callback",
        "acme://callback",
        None,
    ],
)
def test_a_bad_redirect_uri_is_never_redirected_to(app: PlainApp, redirect_uri: str | None) -> None:
    """Only literal loopback with a port and a path will do; anything else ends on a page."""
    assert "redirect_uri" in refused_page(app, app.authorize_url(redirect_uri=redirect_uri))


@pytest.mark.parametrize("client_id", [None, "", "oaiapp_0123456789abcdef01234567"])
def test_an_unknown_client_is_never_redirected(app: PlainApp, client_id: str | None) -> None:
    """A client id that was not issued here ends on a page."""
    assert "client_id" in refused_page(app, app.authorize_url(client_id=client_id))


@pytest.mark.parametrize("state", [None, ""])
def test_a_missing_state_ends_on_a_page(app: PlainApp, state: str | None) -> None:
    """Without a state no redirect could be trusted."""
    assert "state" in refused_page(app, app.authorize_url(state=state))


def test_identity_alone_registers_nobody(app: PlainApp) -> None:
    """A first registration for identity alone is an invalid client."""
    assert "invalid_client" in refused_page(app, app.authorize_url(scope=IDENTITY_SCOPE))


@pytest.mark.parametrize("name", ["client_id", "redirect_uri", "state"])
def test_a_repeated_trusted_parameter_ends_on_a_page(app: PlainApp, name: str) -> None:
    """With two of these, nobody knows whom to redirect to."""
    parameters = app.authorize_parameters()
    url = f"{app.authorize_url(state=app.state)}&{urlencode({name: parameters[name]})}"
    assert "exactly once" in refused_page(app, url)


@pytest.mark.parametrize("name", ["scope", "resource", "nonce", "code_challenge", "response_type"])
def test_any_other_repeated_parameter_is_told_to_the_app(app: PlainApp, name: str) -> None:
    """No parameter may come twice (RFC 6749 §3.1)."""
    answer = app.http.get(f"{app.authorize_url()}&{urlencode({name: 'again'})}")
    assert query(answer.headers["location"])["error"] == "invalid_request"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": None}, "unsupported_response_type"),
        ({"scope": "openid email offline_access resource.invoke chatgpt.tokens.use.direct"}, "invalid_scope"),
        ({"scope": "profile email offline_access resource.invoke chatgpt.tokens.use.direct"}, "invalid_scope"),
        ({"scope": f"{IDENTITY_SCOPE} resource.invoke chatpass.enable.request.direct"}, "invalid_scope"),
        ({"resource": None}, "invalid_target"),
        ({"resource": "https://api.example/v1"}, "invalid_target"),
        ({"nonce": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge": "x" * 42 + "="}, "invalid_request"),
        ({"ext_agent_host_id": None}, "invalid_request"),
        ({"ext_agent_host_id": "my-laptop"}, "invalid_request"),
        ({"ext_agent_host_id": f"urn:uuid:{uuid.uuid1()}"}, "invalid_request"),
        ({"agent_name_hint": None}, "invalid_request"),
        ({"agent_name_hint": " "}, "invalid_request"),
        ({"prompt": "none"}, "invalid_request"),
    ],
)
def test_other_faults_are_told_to_the_app(app: PlainApp, changes: dict[str, str | None], error: str) -> None:
    """The app learns at its redirect_uri what was wrong, with its own state."""
    answer = app.http.get(app.authorize_url(**changes))
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(app.redirect_uri + "?")
    told = query(answer.headers["location"])
    assert (told["error"], told["state"]) == (error, app.state)
    assert "code" not in told


@pytest.mark.parametrize(
    "host_id",
    [
        "urn:ietf:params:oauth:jwk-thumbprint:sha-256:NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs",
        "urn:uuid:3f0c9f2e-6f0f-4b8e-9a53-0d6a7f1c2b3d",
        "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK",
    ],
)
def test_the_documented_host_ids_are_accepted(app: PlainApp, host_id: str) -> None:
    """A thumbprint, a random UUID, a did:key."""
    assert app.http.get(app.authorize_url(ext_agent_host_id=host_id)).status_code == 200


def test_the_path_is_frozen_by_the_first_registration(signed_in: PlainApp) -> None:
    """Only the port may change."""
    url = signed_in.authorize_url(redirect_uri="http://127.0.0.1:51234/callback")
    assert "Only the port" in refused_page(signed_in, url)


def test_a_returning_app_sends_no_name(signed_in: PlainApp) -> None:
    """The name hint belongs to the first registration."""
    answer = signed_in.http.get(signed_in.authorize_url(agent_name_hint="Acme Notes"))
    assert query(answer.headers["location"])["error"] == "invalid_request"


def test_a_foreign_id_token_hint_is_refused(signed_in: PlainApp) -> None:
    """The hint must be an ID token of this very registration."""
    other = PlainApp(sandbox=signed_in.sandbox, http=signed_in.http).signed_in("grace")
    for hint in (other.tokens["id_token"], signed_in.tokens["access_token"], "junk"):
        answer = signed_in.http.get(signed_in.authorize_url(id_token_hint=hint))
        assert query(answer.headers["location"])["error"] == "invalid_request"


def test_a_registration_is_bound_to_its_person(signed_in: PlainApp) -> None:
    """Somebody else cannot sign in with Ada's registration."""
    with pytest.raises(VisitRefused) as refused:
        signed_in.sandbox.sign_in(signed_in.authorize_url(), "grace")
    assert "Ada Lovelace" in refused.value.page


def test_unknown_parameters_are_ignored(app: PlainApp) -> None:
    """RFC 6749 §3.1 asks for that."""
    assert app.http.get(app.authorize_url(color="blue")).status_code == 200


def test_a_page_is_settled_once(app: PlainApp) -> None:
    """The second click on "Allow" gives no second code."""
    shown = app.http.get(app.authorize_url()).text
    attempt = shown.split('name="attempt" value="')[1].split('"')[0]
    base, origin = f"{app.sandbox.issuer}/api/accounts", {"origin": app.sandbox.issuer}
    app.http.post(f"{base}/sign-in", data={"attempt": attempt, "person": "ada"}, headers=origin)
    decision = {"attempt": attempt, "decision": "allow", "workspace": "Personal", "agent_name": "Acme"}
    answers = [app.http.post(f"{base}/consent", data=decision, headers=origin) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 400]


def test_consent_needs_somebody_signed_in(app: PlainApp) -> None:
    """The second page cannot be opened before the first was answered."""
    shown = app.http.get(app.authorize_url()).text
    attempt = shown.split('name="attempt" value="')[1].split('"')[0]
    answer = app.http.get(f"{app.sandbox.issuer}/api/accounts/consent", params={"attempt": attempt})
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "changes",
    [{"workspace": "Compilers"}, {"agent_name": " "}, {"agent_name": "x" * 101}, {"decision": "perhaps"}],
)
def test_an_impossible_consent_is_refused(app: PlainApp, changes: dict[str, str]) -> None:
    """The form cannot be bent: a foreign workspace, a name too long or none, no decision."""
    shown = app.http.get(app.authorize_url()).text
    attempt = shown.split('name="attempt" value="')[1].split('"')[0]
    base, origin = f"{app.sandbox.issuer}/api/accounts", {"origin": app.sandbox.issuer}
    app.http.post(f"{base}/sign-in", data={"attempt": attempt, "person": "ada"}, headers=origin)
    decision = {"attempt": attempt, "decision": "allow", "workspace": "Personal", "agent_name": "Acme"} | changes
    assert app.http.post(f"{base}/consent", data=decision, headers=origin).status_code == 400


def test_only_get_is_an_authorize_request(app: PlainApp) -> None:
    """The endpoint is for browsers that are sent there."""
    assert app.http.post(app.authorize_url()).status_code == 405
