"""The authorization request."""

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.support.oauth_samples import AGENT, FIXED, HOST_ID, METADATA, authorization, counting

from signedin.errors import ConfigurationError
from signedin.oauth.authorization import Authorization, new_authorization
from signedin.oauth.pkce import challenge


def query(attempt: Authorization) -> dict[str, list[str]]:
    """The parameters of the URL."""
    return parse_qs(urlsplit(attempt.url).query, strict_parsing=True)


def test_a_first_registration_asks_for_an_id_under_the_apps_name() -> None:
    """The profile's own id, the app's name, this machine's id, the resource and the whole scope set."""
    attempt = authorization()
    assert attempt.url.startswith("https://id.example/authorize?")
    assert attempt.registering
    assert query(attempt) == {
        "response_type": ["code"],
        "client_id": ["any_client"],
        "redirect_uri": ["http://127.0.0.1:1455/auth/callback"],
        "scope": ["openid email offline_access plan.use"],
        "state": [attempt.state.reveal()],
        "nonce": [attempt.nonce.reveal() if attempt.nonce else ""],
        "code_challenge": [challenge(attempt.code_verifier)],
        "code_challenge_method": ["S256"],
        "resource": ["https://api.example/v1"],
        "ext_agent_host_id": [HOST_ID],
        "agent_name_hint": ["Acme Notes"],
    }


def test_an_issued_id_is_used_ever_after_without_the_name() -> None:
    """The host id stays; a login hint may come along."""
    attempt = authorization(client_id="oaiapp_issued", login_hint="ada@example.org")
    sent = query(attempt)
    assert not attempt.registering
    assert (attempt.client_id, sent["client_id"]) == ("oaiapp_issued", ["oaiapp_issued"])
    assert "agent_name_hint" not in sent
    assert sent["ext_agent_host_id"] == [HOST_ID]
    assert sent["login_hint"] == ["ada@example.org"]


def test_a_registration_carries_no_login_hint() -> None:
    """Nobody is known yet."""
    assert "login_hint" not in query(authorization(login_hint="ada@example.org"))


def test_consent_is_asked_for_only_on_wish() -> None:
    """`prompt=consent` is there exactly with `consent`."""
    assert "prompt" not in query(authorization(client_id="oaiapp_issued"))
    assert query(authorization(client_id="oaiapp_issued", consent=True))["prompt"] == ["consent"]


def test_a_fixed_client_sends_nothing_of_the_agents() -> None:
    """Its own id and parameters, no host id, no name, no resource that was not set."""
    provider = replace(FIXED, authorize_params=(("prompt", "consent"), ("audience", "a b")))
    sent = query(authorization(provider))
    assert sent["client_id"] == ["native-app"]
    assert (sent["prompt"], sent["audience"]) == (["consent"], ["a b"])
    assert not {"ext_agent_host_id", "agent_name_hint", "resource"} & sent.keys()


def test_a_profile_cannot_override_the_protocol() -> None:
    """State, challenge and the rest are ours, each exactly once."""
    provider = replace(FIXED, authorize_params=(("state", "fixed"), ("code_challenge_method", "plain")))
    attempt = authorization(provider)
    assert query(attempt)["state"] == [attempt.state.reveal()]
    assert query(attempt)["code_challenge_method"] == ["S256"]


def test_a_nonce_belongs_to_openid_alone() -> None:
    """Without `openid` no ID token comes, and no nonce is sent."""
    attempt = authorization(replace(FIXED, scopes=("read",)))
    assert attempt.nonce is None
    assert "nonce" not in query(attempt)


def test_a_server_that_is_sent_no_nonce_is_sent_no_hint_either() -> None:
    """Both are OpenID Connect's; what nobody else sends there could be refused."""
    sent = query(authorization(replace(FIXED, sends_nonce=False), login_hint="ada@example.org"))
    assert not {"nonce", "login_hint"} & sent.keys()
    assert sent["scope"] == ["openid email offline_access"]


def test_consent_is_for_plan_use_alone() -> None:
    """Where there is no such thing, nobody is asked again."""
    assert "prompt" not in query(authorization(FIXED, consent=True))


def test_every_attempt_draws_its_own_secrets() -> None:
    """Nothing is shared between two attempts, and each is at least 256 bits."""
    first, second = authorization(), authorization()
    assert first.state != second.state
    assert first.nonce != second.nonce
    assert first.code_verifier != second.code_verifier
    assert len(first.state.reveal()) >= 43


def test_randomness_can_be_given() -> None:
    """State, nonce and verifier are three different draws."""
    source = counting()
    attempt = authorization(random=lambda _: next(source))
    drawn = [attempt.state.reveal(), attempt.nonce.reveal() if attempt.nonce else "", attempt.code_verifier.reveal()]
    assert sorted(drawn) == ["random-1", "random-2", "random-3"]


def test_the_endpoints_own_query_is_kept() -> None:
    """RFC 6749 §3.1."""
    metadata = replace(METADATA, authorization_endpoint="https://id.example/authorize?tenant=a")
    attempt = new_authorization(
        AGENT, metadata, redirect_uri="http://127.0.0.1:1/cb", client_id=None, host_id=HOST_ID, app_name="Acme"
    )
    assert query(attempt)["tenant"] == ["a"]
    assert attempt.url.count("?") == 1


@pytest.mark.parametrize("endpoint", ["file:///etc/passwd", "javascript:alert(1)", "-flag", "http://id.example/a"])
def test_only_a_safe_url_ever_reaches_a_browser(endpoint: str) -> None:
    """Whatever the metadata says."""
    with pytest.raises(ConfigurationError):
        new_authorization(
            AGENT,
            replace(METADATA, authorization_endpoint=endpoint),
            redirect_uri="http://127.0.0.1:1/cb",
            client_id=None,
            host_id=HOST_ID,
            app_name="Acme",
        )


def test_the_secrets_are_not_in_its_repr() -> None:
    """Nor is the URL that shows some of them."""
    attempt = authorization()
    shown = repr(attempt)
    assert attempt.state.reveal() not in shown
    assert attempt.code_verifier.reveal() not in shown
    assert attempt.code_verifier.reveal() not in attempt.url
