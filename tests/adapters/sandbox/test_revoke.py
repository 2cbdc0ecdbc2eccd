"""The revocation endpoint (RFC 7009)."""

import pytest
from tests.adapters.sandbox.plain_app import PlainApp


def test_revoking_ends_refresh_and_access_tokens(signed_in: PlainApp) -> None:
    """The whole grant goes."""
    assert signed_in.revoke().status_code == 200
    assert signed_in.models().status_code == 401
    assert signed_in.refresh().json()["error"] == "invalid_grant"


def test_revoking_twice_is_the_same(signed_in: PlainApp) -> None:
    """A dead token is answered like a living one."""
    for _ in range(2):
        answer = signed_in.revoke()
        assert (answer.status_code, answer.content) == (200, b"")


def test_a_spent_token_still_revokes_its_grant(signed_in: PlainApp) -> None:
    """An app that lost the answer of its last refresh can still sign out."""
    spent = signed_in.tokens["refresh_token"]
    signed_in.refresh()
    signed_in.tokens["refresh_token"] = spent
    signed_in.revoke()
    assert signed_in.models().status_code == 401


def test_another_clients_token_is_left_alone(signed_in: PlainApp) -> None:
    """The answer is the same, and nothing is revoked."""
    other = PlainApp(sandbox=signed_in.sandbox, http=signed_in.http).signed_in()
    other.tokens["refresh_token"] = signed_in.tokens["refresh_token"]
    assert other.revoke().status_code == 200
    assert signed_in.models().status_code == 200


def test_the_registration_survives(signed_in: PlainApp) -> None:
    """Signing in again takes no consent."""
    signed_in.revoke()
    assert signed_in.exchange(signed_in.approve()["code"]).status_code == 200


@pytest.mark.parametrize("fields", [{}, {"token": "rt_x"}, {"client_id": "oaiapp_x"}])
def test_an_incomplete_request_is_refused(app: PlainApp, fields: dict[str, str]) -> None:
    """Token and client id are needed."""
    answer = app.http.post(f"{app.sandbox.issuer}/api/accounts/oauth/revoke", data=fields)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_json_is_refused(signed_in: PlainApp) -> None:
    """Form only, as at the token endpoint."""
    url = f"{signed_in.sandbox.issuer}/api/accounts/oauth/revoke"
    assert signed_in.http.post(url, json={"token": "x"}).status_code == 400
    assert signed_in.models().status_code == 200
