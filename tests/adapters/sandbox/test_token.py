"""The token endpoint: form only, every code and refresh token once."""

import json
from datetime import datetime
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from tests.adapters.sandbox.plain_app import PlainApp, claims


def error_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]


def test_a_token_response_has_every_documented_field(signed_in: PlainApp) -> None:
    """Types and sizes are the live ones."""
    tokens = signed_in.tokens
    assert tokens["token_type"] == "Bearer"
    assert tokens["expires_in"] == 3600
    assert len(tokens["refresh_token"]) == 211
    assert 1500 < len(tokens["access_token"]) < 2500
    assert tokens["earliest_refresh_at"] == claims(tokens["access_token"])["iat"] + 3240


def test_the_access_token_has_the_documented_claims(signed_in: PlainApp) -> None:
    """Issuer, string audience, client, scope, times, id, and the opaque part."""
    found = claims(signed_in.tokens["access_token"])
    assert (found["iss"], found["aud"]) == (signed_in.sandbox.issuer, signed_in.sandbox.api_base)
    assert (found["client_id"], found["scope"]) == (signed_in.client_id, signed_in.tokens["scope"])
    assert found["exp"] - found["iat"] == 3600
    assert found["nbf"] == found["iat"]
    assert set(found["https://api.openai.com/auth"]) == {"per_user_salt", "encrypted_auth_metadata"}


def test_the_id_token_is_signed_by_a_published_key(signed_in: PlainApp) -> None:
    """Its signature holds against the key set, its nonce is the request's, its audience a one-element array."""
    jwks = signed_in.http.get(f"{signed_in.sandbox.issuer}/.well-known/jwks.json").json()
    token = jwt.decode(signed_in.tokens["id_token"], KeySet.import_key_set(jwks), algorithms=["RS256"])
    assert token.header["kid"] in {key["kid"] for key in jwks["keys"]}
    assert token.claims["nonce"] == signed_in.nonce
    assert token.claims["aud"] == [signed_in.client_id]
    assert token.claims["email"] == "ada@example.com"


def test_the_audience_may_be_a_string(app: PlainApp, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both forms exist."""
    monkeypatch.setattr(app.sandbox, "audience_form", "string")
    assert claims(app.signed_in().tokens["id_token"])["aud"] == app.client_id


@pytest.mark.parametrize(("form", "expected"), [("zero", 0), ("null", None)])
def test_earliest_refresh_at_may_say_nothing(
    app: PlainApp, monkeypatch: pytest.MonkeyPatch, form: str, expected: int | None
) -> None:
    """Zero and null have been seen in fixtures."""
    monkeypatch.setattr(app.sandbox, "earliest_refresh_at", form)
    assert app.signed_in().tokens["earliest_refresh_at"] == expected


def test_earliest_refresh_at_may_be_a_date(app: PlainApp, monkeypatch: pytest.MonkeyPatch) -> None:
    """ISO 8601 in UTC is the second live form."""
    monkeypatch.setattr(app.sandbox, "earliest_refresh_at", "iso")
    at = app.signed_in().tokens["earliest_refresh_at"]
    assert datetime.fromisoformat(at).timestamp() == claims(app.tokens["access_token"])["iat"] + 3240


def test_earliest_refresh_at_may_be_absent(app: PlainApp, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing may depend on it."""
    monkeypatch.setattr(app.sandbox, "earliest_refresh_at", "absent")
    assert "earliest_refresh_at" not in app.signed_in().tokens


def test_a_refresh_may_leave_out_what_stays(signed_in: PlainApp, monkeypatch: pytest.MonkeyPatch) -> None:
    """Scope and ID token may be missing from a refresh, and only from a refresh."""
    monkeypatch.setattr(signed_in.sandbox, "refresh_returns_scope", False)
    monkeypatch.setattr(signed_in.sandbox, "refresh_returns_id_token", False)
    answer = signed_in.refresh().json()
    assert not {"scope", "id_token"} & set(answer)


def test_a_refreshed_id_token_has_no_nonce(signed_in: PlainApp) -> None:
    """The nonce belongs to the sign-in (OpenID Connect Core §12.2)."""
    assert "nonce" not in claims(signed_in.refresh().json()["id_token"])


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"code": "ac_unknown"}, (400, "invalid_grant")),
        ({"code_verifier": "x" * 43}, (400, "invalid_grant")),
        ({"redirect_uri": "http://127.0.0.1:51235/auth/callback"}, (400, "invalid_grant")),
        ({"resource": "https://api.example/v1"}, (400, "invalid_target")),
        ({"client_id": "dynamic_agent_client"}, (401, "invalid_client")),
        ({"client_id": "oaiapp_unknown"}, (401, "invalid_client")),
        ({"client_secret": "s3cret"}, (401, "invalid_client")),
        ({"grant_type": "client_credentials"}, (400, "unsupported_grant_type")),
        ({"grant_type": "urn:ietf:params:oauth:grant-type:device_code"}, (400, "unsupported_grant_type")),
        ({"grant_type": ""}, (400, "invalid_request")),
        ({"code": ""}, (400, "invalid_request")),
        ({"code_verifier": ""}, (400, "invalid_request")),
        ({"redirect_uri": ""}, (400, "invalid_request")),
        ({"resource": ""}, (400, "invalid_request")),
    ],
)
def test_a_bad_exchange_is_refused(app: PlainApp, changes: dict[str, str], expected: tuple[int, str]) -> None:
    """A code is bound to client, challenge, redirect_uri and resource."""
    fields = app.exchange_fields(app.approve()["code"])
    assert error_of(app.token(fields | {"client_id": app.client_id} | changes)) == expected


def test_a_code_of_another_client_is_refused(signed_in: PlainApp) -> None:
    """And stays good for its own."""
    other = PlainApp(sandbox=signed_in.sandbox, http=signed_in.http)
    code = other.approve()["code"]
    assert error_of(other.token(other.exchange_fields(code) | {"client_id": signed_in.client_id}))[1] == "invalid_grant"
    assert other.exchange(code).status_code == 200


def test_a_bad_attempt_burns_the_code(app: PlainApp) -> None:
    """A wrong verifier gets no second guess."""
    code = app.approve()["code"]
    app.token(app.exchange_fields(code) | {"code_verifier": "x" * 43})
    assert error_of(app.exchange(code)) == (400, "invalid_grant")


def test_a_replayed_code_ends_what_it_began(app: PlainApp) -> None:
    """Whoever comes second, the tokens of the first are dead (RFC 6749 §10.5)."""
    code = app.approve()["code"]
    app.exchange(code)
    assert error_of(app.token(app.exchange_fields(code))) == (400, "invalid_grant")
    assert app.models().status_code == 401
    assert app.refresh().status_code == 400


def test_a_code_runs_out(app: PlainApp, monkeypatch: pytest.MonkeyPatch) -> None:
    """After its short life it is worth nothing."""
    monkeypatch.setattr(app.sandbox, "code_ttl", 0)
    assert error_of(app.exchange(app.approve()["code"])) == (400, "invalid_grant")


def test_reuse_ends_the_whole_family(signed_in: PlainApp) -> None:
    """A spent refresh token kills its successor and every access token."""
    spent = signed_in.refresh_fields()
    signed_in.refresh()
    assert error_of(signed_in.token(spent)) == (400, "refresh_token_reused")
    assert error_of(signed_in.refresh()) == (400, "refresh_token_invalidated")
    assert signed_in.models().status_code == 401


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"refresh_token": "rt_unknown"}, "invalid_grant"),
        ({"refresh_token": ""}, "invalid_request"),
        ({"resource": ""}, "invalid_request"),
        ({"resource": "https://api.example/v1"}, "invalid_target"),
        ({"scope": "openid"}, "invalid_scope"),
        ({"client_id": "dynamic_agent_client"}, "invalid_client"),
    ],
)
def test_a_bad_refresh_is_refused_and_harms_nothing(
    signed_in: PlainApp, changes: dict[str, str], expected: str
) -> None:
    """The refresh token is good afterwards."""
    assert signed_in.token(signed_in.refresh_fields() | changes).json()["error"] == expected
    assert signed_in.refresh().status_code == 200


def test_a_refresh_token_is_bound_to_its_client(signed_in: PlainApp) -> None:
    """Another registration cannot redeem it."""
    other = PlainApp(sandbox=signed_in.sandbox, http=signed_in.http).signed_in()
    stolen = signed_in.refresh_fields() | {"client_id": other.client_id}
    assert error_of(other.token(stolen)) == (400, "invalid_grant")
    assert signed_in.refresh().status_code == 200


def test_errors_may_be_nested(signed_in: PlainApp, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second shape: an object with a code, and 401 for a dead refresh token."""
    monkeypatch.setattr(signed_in.sandbox, "error_shape", "object")
    spent = signed_in.refresh_fields()
    signed_in.refresh()
    answer = signed_in.token(spent)
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "refresh_token_reused"
    assert set(answer.json()["error"]) == {"code", "message", "type", "param"}


FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (json.dumps({"grant_type": "refresh_token"}), "application/json"),
        ("grant_type=refresh_token", "text/plain"),
        ("grant_type=refresh_token", ""),
        ("grant_type=refresh_token&grant_type=refresh_token", FORM),
        ("grant_type", FORM),
        ("grant_type=%ff", FORM),
        ("", FORM),
    ],
)
def test_only_a_form_is_read(app: PlainApp, content: str, content_type: str) -> None:
    """JSON, other types, repeated fields and broken escapes are refused."""
    url = f"{app.sandbox.issuer}/api/accounts/oauth/token"
    headers: dict[str, Any] = {"content-type": content_type} if content_type else {}
    answer = app.http.post(url, content=content, headers=headers)
    assert error_of(answer) == (400, "invalid_request")


def test_parameters_in_the_url_are_refused(signed_in: PlainApp) -> None:
    """Tokens do not belong in URLs (RFC 6749 §2.3.1)."""
    url = f"{signed_in.sandbox.issuer}/api/accounts/oauth/token?client_id={signed_in.client_id}"
    assert error_of(signed_in.http.post(url, data=signed_in.refresh_fields())) == (400, "invalid_request")


def test_an_oversized_form_is_refused(app: PlainApp) -> None:
    """Nobody needs more than 64 KiB."""
    assert app.token({"grant_type": "x" * 70_000}).status_code == 413


def test_a_secret_in_the_header_is_refused(signed_in: PlainApp) -> None:
    """A public client authenticates with nothing."""
    url = f"{signed_in.sandbox.issuer}/api/accounts/oauth/token"
    answer = signed_in.http.post(url, data=signed_in.refresh_fields(), auth=(signed_in.client_id, "secret"))
    assert error_of(answer) == (401, "invalid_client")


def test_only_post_is_a_token_request(app: PlainApp) -> None:
    """GET would put tokens in URLs."""
    assert app.http.get(f"{app.sandbox.issuer}/api/accounts/oauth/token").status_code == 405
