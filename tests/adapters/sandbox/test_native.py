"""The native part: discovery, one client of native apps, and RFC 8628 for devices."""

from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from tests.adapters.sandbox.plain_app import PlainApp, claims, events, query
from tests.adapters.sandbox.plain_client import DEVICE_CODE, PlainClient, codex_client, native_client
from tests.adapters.sandbox.plain_device import NativeDevice, native_device

from signedin_adapters.sandbox import Sandbox


@pytest.fixture
def native(sandbox: Sandbox, http: httpx.Client) -> PlainClient:
    """An app that never signed in."""
    return native_client(sandbox, http)


@pytest.fixture
def device(sandbox: Sandbox, http: httpx.Client) -> NativeDevice:
    """A device that has just begun."""
    return native_device(sandbox, http)


def error_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]


def test_discovery_names_the_device_endpoint(native: PlainClient) -> None:
    """Under an issuer of its own; every endpoint is where the document says."""
    issuer = f"{native.sandbox.url}/native"
    found = native.http.get(f"{issuer}/.well-known/openid-configuration").json()
    assert found["issuer"] == issuer
    assert found["device_authorization_endpoint"] == f"{issuer}/oauth/device"
    assert found["token_endpoint"] == native.at(native.part.token_endpoint)
    assert DEVICE_CODE in found["grant_types_supported"]
    assert native.http.get(found["jwks_uri"]).status_code == 200


def test_the_id_token_is_of_its_own_issuer(native: PlainClient) -> None:
    """Signed with a published key, for this client, with the request's nonce."""
    native.signed_in()
    jwks = native.http.get(f"{native.sandbox.url}/native/.well-known/jwks.json").json()
    found = jwt.decode(native.tokens["id_token"], KeySet.import_key_set(jwks), algorithms=["RS256"]).claims
    assert (found["iss"], found["aud"]) == (f"{native.sandbox.url}/native", ["sandbox-native"])
    assert found["nonce"] == native.nonce


def test_any_port_of_the_loopback_address_will_do(native: PlainClient) -> None:
    """RFC 8252 §7.3; the name localhost is something else."""
    for port in (40001, 40002):
        native.redirect_uri = f"http://127.0.0.1:{port}/callback"
        assert native.exchange(native.approve()["code"]).status_code == 200
    url = native.authorize_url(redirect_uri="http://localhost:40001/callback")
    assert native.http.get(url).status_code == 400


@pytest.mark.parametrize("name", ["client_id", "redirect_uri", "state"])
def test_what_cannot_be_trusted_ends_on_a_page(native: PlainClient, name: str) -> None:
    """It is never redirected."""
    for value in (None, "unknown" if name == "client_id" else ""):
        answer = native.http.get(native.authorize_url(**{name: value}))
        assert (answer.status_code, "location" in answer.headers) == (400, False)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "openid resource.invoke"}, "invalid_scope"),
        ({"resource": "https://api.example"}, "invalid_target"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
    ],
)
def test_other_faults_are_told_to_the_app(native: PlainClient, changes: dict[str, str | None], error: str) -> None:
    """At its redirect_uri, with its own state."""
    told = query(native.http.get(native.authorize_url(**changes)).headers["location"])
    assert (told["error"], told["state"]) == (error, native.state)


def test_the_resource_may_be_named(native: PlainClient) -> None:
    """Everywhere or nowhere (RFC 8707)."""
    resource = native.at("/native/v1")
    code = native.approve(resource=resource)["code"]
    answer = native.token(native.exchange_fields(code) | {"resource": resource})
    assert answer.status_code == 200
    other = native.token(native.exchange_fields(native.approve()["code"]) | {"resource": "https://api.example"})
    assert error_of(other) == (400, "invalid_target")


@pytest.mark.parametrize(
    ("scope", "absent"), [("openid email", "refresh_token"), ("email offline_access", "id_token"), ("", "id_token")]
)
def test_what_was_not_asked_for_is_not_given(native: PlainClient, scope: str, absent: str) -> None:
    """No ``openid``, no ID token; no ``offline_access``, no refresh token."""
    assert absent not in native.signed_in(scope=scope).tokens


def test_the_consent_page_asks_for_nothing_more(native: PlainClient) -> None:
    """No workspace, no name, no plan: this server knows none of them."""
    base, origin = native.sandbox.url, {"origin": native.sandbox.url}
    attempt = native.http.get(native.authorize_url()).text.split('name="attempt" value="')[1].split('"')[0]
    choice = {"attempt": attempt, "person": "ada"}
    chosen = native.http.post(f"{base}/api/accounts/sign-in", data=choice, headers=origin)
    page = native.http.get(base + chosen.headers["location"]).text
    assert not [name for name in ("workspace", "agent_name", "allow_plan") if f'name="{name}"' in page]


def test_a_dead_refresh_token_is_an_invalid_grant(native: PlainClient) -> None:
    """Whatever killed it: the standard has one code for all (RFC 6749 §5.2)."""
    spent = native.signed_in().refresh_fields()
    native.refresh()
    assert error_of(native.token(spent)) == (400, "invalid_grant")
    assert error_of(native.refresh()) == (400, "invalid_grant")


def test_revocation_is_a_form(native: PlainClient) -> None:
    """RFC 7009."""
    fields = {"token": native.signed_in().tokens["refresh_token"], "client_id": native.client_id}
    assert native.http.post(native.at(native.part.revocation_endpoint), data=fields).status_code == 200
    assert error_of(native.refresh()) == (400, "invalid_grant")


def test_its_api_takes_its_own_tokens_alone(
    native: PlainClient, sandbox: Sandbox, http: httpx.Client, signed_in: PlainApp
) -> None:
    """An agent's, a codex tool's and an API key open nothing here; and this one nothing there."""
    others = (signed_in.bearer, codex_client(sandbox, http).signed_in().bearer)
    models = native.at("/native/v1/models")
    assert http.get(models, headers=native.signed_in().bearer).status_code == 200
    for headers in (*others, {"authorization": "Bearer sk-sandbox-0123456789abcdef0123456789abcdef"}, {}):
        assert http.get(models, headers=headers).status_code == 401
    assert http.get(f"{sandbox.api_base}/models", headers=native.bearer).status_code == 401


def test_its_api_answers(native: PlainClient) -> None:
    """By the rules of the agents' one."""
    body: dict[str, Any] = {
        "model": "sandbox-small",
        "input": [{"role": "user", "content": "Hi"}],
        "store": False,
        "stream": True,
    }
    answer = native.http.post(native.at("/native/v1/responses"), headers=native.signed_in().bearer, json=body)
    assert events(answer.text)[-1]["type"] == "response.completed"


def test_a_device_is_told_all_it_has_to_show(device: NativeDevice) -> None:
    """RFC 8628 §3.2."""
    page = device.client.at("/native/device")
    assert {name: device.codes[name] for name in sorted(device.codes) if name not in ("device_code", "user_code")} == {
        "expires_in": 900,
        "interval": 5,
        "verification_uri": page,
        "verification_uri_complete": f"{page}?user_code={device.user_code}",
    }
    assert len(device.user_code) == 9


def test_the_complete_address_fills_the_code_in(device: NativeDevice) -> None:
    """And the person still has to confirm it (RFC 8628 §3.3.1)."""
    page = device.client.http.get(device.codes["verification_uri_complete"]).text
    assert f'value="{device.user_code}"' in page
    assert "Continue" in page


def test_the_poll_is_the_token_answer(device: NativeDevice) -> None:
    """With a refresh token that goes on like any other, and an ID token without a nonce."""
    device.approve("grace")
    assert device.poll().status_code == 200
    found = claims(device.client.tokens["id_token"])
    assert (found["email"], "nonce" in found) == ("grace@example.com", False)
    assert device.client.refresh().status_code == 200


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"client_id": "unknown"}, (401, "invalid_client")),
        ({"client_id": None}, (401, "invalid_client")),
        ({"scope": "resource.invoke"}, (400, "invalid_scope")),
        ({"resource": "https://api.example"}, (400, "invalid_target")),
    ],
)
def test_a_bad_start_is_refused(
    device: NativeDevice, changes: dict[str, str | None], expected: tuple[int, str]
) -> None:
    """As the token endpoint would (RFC 8628 §3.1)."""
    assert error_of(device.begin(**changes)) == expected


def test_a_poll_names_its_code(device: NativeDevice) -> None:
    """Without it there is nothing to ask about."""
    device.codes["device_code"] = ""
    assert device.error() == "invalid_request"


def test_the_realm_chooses_how_long_a_device_waits(
    sandbox: Sandbox, http: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that a test need not."""
    monkeypatch.setattr(sandbox, "device_ttl", 30)
    monkeypatch.setattr(sandbox, "device_interval", 1)
    codes = native_device(sandbox, http).codes
    assert (codes["expires_in"], codes["interval"]) == (30, 1)
