"""The whole life of a sign-in, over real HTTP."""

import httpx
import pytest
from tests.adapters.sandbox.plain_app import IDENTITY_SCOPE, PlainApp, claims, events, query

from signedin_adapters.sandbox import Sandbox


def test_from_registration_to_revocation(app: PlainApp) -> None:
    """Register, exchange, list models, stream an answer, refresh, revoke: the way every app goes."""
    callback = app.approve()
    assert callback["state"] == app.state
    assert app.exchange(callback["code"]).status_code == 200
    assert [model["slug"] for model in app.models().json()["models"]][:1] == ["sandbox-large"]
    assert events(app.respond().text)[-1]["type"] == "response.completed"
    spent = app.tokens["refresh_token"]
    assert app.refresh().status_code == 200
    assert app.tokens["refresh_token"] != spent
    revoked = app.revoke()
    assert (revoked.status_code, revoked.content) == (200, b"")
    assert app.refresh().json()["error"] == "invalid_grant"
    assert app.models().json()["error"]["code"] == "token_revoked"


def test_a_registration_issues_a_client_id(app: PlainApp) -> None:
    """The callback carries an issued id of 31 characters, and the granted scopes in alphabetical order."""
    url = app.sandbox.sign_in(app.authorize_url())
    callback = query(url)
    assert callback["client_id"].startswith("oaiapp_")
    assert len(callback["client_id"]) == 31
    assert callback["scope"].split() == sorted(callback["scope"].split())
    assert "scope=chatgpt.tokens.use.direct+email+offline_access+openid+profile+resource.invoke" in url


def test_returning_needs_no_consent(signed_in: PlainApp) -> None:
    """With its issued id, an app comes back after the account selector alone, on any port."""
    signed_in.redirect_uri = "http://127.0.0.1:61111/auth/callback"
    client_id = signed_in.client_id
    signed_in.sandbox.requests.clear()
    callback = signed_in.approve()
    assert callback["client_id"] == client_id
    assert not any(record.path.endswith("/consent") for record in signed_in.sandbox.requests)
    assert signed_in.exchange(callback["code"]).status_code == 200


def test_returning_keeps_the_subject(signed_in: PlainApp) -> None:
    """The same person in the same registration is the same subject; in another registration, another one."""
    first = claims(signed_in.tokens["id_token"])["sub"]
    signed_in.exchange(signed_in.approve()["code"])
    assert claims(signed_in.tokens["id_token"])["sub"] == first
    other = PlainApp(sandbox=signed_in.sandbox, http=signed_in.http).signed_in()
    assert claims(other.tokens["id_token"])["sub"] != first


def test_an_id_token_hint_skips_the_selector(signed_in: PlainApp) -> None:
    """A returning app that shows its ID token is redirected straight back."""
    url = signed_in.authorize_url(id_token_hint=signed_in.tokens["id_token"])
    answer = signed_in.http.get(url)
    assert answer.status_code == 303
    assert query(answer.headers["location"])["client_id"] == signed_in.client_id


def test_denying_redirects_without_a_code(app: PlainApp) -> None:
    """ "Deny" is access_denied with the state, and registers nothing."""
    before = len(app.sandbox.registrations.all())
    callback = query(app.sandbox.sign_in(app.authorize_url(), deny=True))
    assert callback == {"error": "access_denied", "state": app.state}
    assert len(app.sandbox.registrations.all()) == before


def test_without_plan_use_only_identity_is_granted(app: PlainApp) -> None:
    """A declined plan is a sign-in whose token response lacks the plan scopes, and which the API does not admit."""
    app.signed_in(allow_plan=False)
    assert app.tokens["scope"].split() == sorted(IDENTITY_SCOPE.split())
    assert claims(app.tokens["id_token"])["email"] == "ada@example.com"
    refused = app.models()
    assert refused.status_code == 401
    assert list(refused.json()) == ["detail"]


def test_a_declined_plan_stays_declined_until_consent_is_asked_again(app: PlainApp) -> None:
    """Returning changes nothing; prompt=consent shows the page, where the plan can be allowed."""
    app.signed_in(allow_plan=False)
    app.exchange(app.approve()["code"])
    assert "chatgpt.tokens.use.direct" not in app.tokens["scope"]
    app.exchange(app.approve(prompt="consent")["code"])
    assert "chatgpt.tokens.use.direct" in app.tokens["scope"]
    assert app.models().status_code == 200


def test_an_issued_client_may_sign_in_for_identity_alone(signed_in: PlainApp) -> None:
    """What a first registration may not ask, a returning app may."""
    signed_in.exchange(signed_in.approve(scope=IDENTITY_SCOPE)["code"])
    assert signed_in.tokens["scope"].split() == sorted(IDENTITY_SCOPE.split())


def test_the_free_plan_is_refused_at_the_exchange(app: PlainApp, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody on the free plan gets as far as the code."""
    monkeypatch.setattr(app.sandbox, "plan", "free")
    answer = app.exchange(app.approve()["code"])
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


def test_disconnecting_ends_the_grant_and_asks_for_consent_again(signed_in: PlainApp) -> None:
    """A disconnected app is an invalid user to the API, an invalid grant to the token endpoint, and new to consent."""
    signed_in.sandbox.disconnect_user()
    refused = signed_in.models()
    assert (refused.status_code, refused.json()["error"]["code"]) == (401, "subscription_sharing_invalid_user")
    assert signed_in.refresh().json()["error"] == "invalid_grant"
    signed_in.sandbox.requests.clear()
    signed_in.exchange(signed_in.approve()["code"])
    assert any(record.path.endswith("/consent") for record in signed_in.sandbox.requests)
    assert signed_in.models().status_code == 200


def test_expired_access_tokens_are_replaced_by_a_refresh(signed_in: PlainApp) -> None:
    """Expiring access tokens leaves the grant alive."""
    signed_in.sandbox.expire_access_tokens()
    assert signed_in.models().json()["error"]["code"] == "token_expired"
    signed_in.refresh()
    assert signed_in.models().status_code == 200


def test_auto_approve_redirects_at_once(app: PlainApp, monkeypatch: pytest.MonkeyPatch) -> None:
    """No page is shown: the first answer is the callback, for whoever was hinted, or Ada."""
    monkeypatch.setattr(app.sandbox, "auto_approve", True)
    answer = app.http.get(app.authorize_url(login_hint="grace@example.com"))
    assert answer.status_code == 303
    app.client_id = query(answer.headers["location"])["client_id"]
    app.exchange(query(answer.headers["location"])["code"])
    assert claims(app.tokens["id_token"])["name"] == "Grace Hopper"


def test_the_person_may_edit_the_name_and_choose_the_workspace(app: PlainApp) -> None:
    """The hint is a proposal; what was chosen is what is registered."""
    url = app.sandbox.sign_in(app.authorize_url(), workspace="Analytical Engines", agent_name="My notes")
    registration = app.sandbox.registrations.get(query(url)["client_id"])
    assert registration is not None
    assert (registration.workspace, registration.agent_name) == ("Analytical Engines", "My notes")


def test_a_clock_of_ones_own(http: httpx.Client) -> None:
    """Time is the embedder's to move: tokens run out by the sandbox's clock, and the Date header tells it."""
    now = 1_800_000_000.0
    with Sandbox(clock=lambda: now, refresh_ttl=100_000).running() as sandbox:
        app = PlainApp(sandbox=sandbox, http=http).signed_in()
        now += 3600
        late = app.models()
        assert late.json()["error"]["code"] == "token_expired"
        assert late.headers["date"] == "Fri, 15 Jan 2027 09:00:00 GMT"
        now += 100_000
        assert app.refresh().json()["error"] == "refresh_token_expired"
