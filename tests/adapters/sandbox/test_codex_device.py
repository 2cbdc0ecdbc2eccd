"""The codex device flow: JSON, an interval that is a string, and a code with the verifier of the server's own pair."""

import httpx
import pytest
from tests.adapters.sandbox.plain_app import challenge, claims
from tests.adapters.sandbox.plain_device import CodexDevice, codex_device

from signedin_adapters.providers import codex
from signedin_adapters.sandbox import Sandbox


@pytest.fixture
def device(sandbox: Sandbox, http: httpx.Client) -> CodexDevice:
    """One that has just begun."""
    return codex_device(sandbox, http)


def redeemed(device: CodexDevice) -> httpx.Response:
    """The tokens for what the device was given."""
    given = device.poll().json()
    client = device.client
    client.redirect_uri = f"{client.sandbox.issuer}/deviceauth/callback"
    client.code_verifier = given["code_verifier"]
    return client.exchange(given["authorization_code"])


def test_the_start_gives_two_codes_and_an_interval(device: CodexDevice) -> None:
    """Nothing else: where to type the code is known, and when it ends."""
    assert set(device.codes) == {"device_auth_id", "user_code", "interval"}
    assert device.codes["interval"] == "5"


def test_the_poll_gives_a_code_and_the_servers_pair(device: CodexDevice) -> None:
    """The challenge is the verifier's."""
    device.approve()
    given = device.poll().json()
    assert set(given) == {"authorization_code", "code_challenge", "code_verifier"}
    assert challenge(given["code_verifier"]) == given["code_challenge"]


def test_the_code_is_redeemed_like_any_other(device: CodexDevice) -> None:
    """With the server's verifier, at a redirect_uri where nobody is sent."""
    device.approve("grace", workspace="Compilers")
    assert redeemed(device).status_code == 200
    found = claims(device.client.tokens["id_token"])
    assert found["email"] == "grace@example.com"
    assert "nonce" not in found


def test_the_redirect_uri_is_the_profiles(device: CodexDevice) -> None:
    """Written down twice; with the browser's, the code is not redeemed."""
    profile = codex.profile(issuer=device.client.sandbox.issuer, backend="http://127.0.0.1:1/backend-api")
    device.approve()
    given = device.poll().json()
    device.client.code_verifier = given["code_verifier"]
    assert device.client.exchange(given["authorization_code"]).status_code == 400
    assert profile.device is not None
    assert profile.device.redirect_uri == f"{device.client.sandbox.issuer}/deviceauth/callback"
    assert profile.device.token_endpoint == device.client.at("/api/accounts/deviceauth/token")


def test_both_codes_belong_together(device: CodexDevice, sandbox: Sandbox, http: httpx.Client) -> None:
    """One without the other is worth nothing."""
    device.approve()
    device.codes["user_code"] = codex_device(sandbox, http).user_code
    assert device.error() == "deviceauth_authorization_unknown"


def test_another_client_cannot_begin(device: CodexDevice) -> None:
    """There is one client here."""
    answer = device.begin(client_id="app_unknown")
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_a_form_begins_nothing(device: CodexDevice) -> None:
    """JSON alone, at both endpoints."""
    for path in ("usercode", "token"):
        url = device.client.at(f"/api/accounts/deviceauth/{path}")
        assert device.client.http.post(url, data={"client_id": device.client.client_id}).status_code == 400
