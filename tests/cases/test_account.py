"""Authentication failed: who signed in, what they may do, and what it is paid with."""

import io
import sys

import pytest
from tests.support.user import User

from signedin_adapters.sandbox import Sandbox
from signedin_adapters.sandbox.realm import API_KEY


@pytest.mark.case("wrong-account-or-workspace")
def test_a_browser_that_is_signed_in_as_somebody_else(user: User) -> None:
    """Nobody takes an account over by accident: the tokens are thrown away, and the account's own session stays."""
    user.signs_in()
    with user.struck_by("id-token-wrong-sub"):
        user.types("login", "--again")
    user.was_told("signedin login --new")
    user.stands("connected")
    user.logged()
    user.is_diagnosed()
    user.keeps_the_session()


@pytest.mark.case("account-exists-already")
def test_an_account_that_there_is_already(user: User, codex: Sandbox) -> None:
    """Added a second time it would be one session under two names, so it is not; the first stays as it is."""
    user.types("login", "--new", "--label", "work", "--provider", "sandbox-codex")
    user.was_told("--account")
    user.stands("connected")
    user.logged()
    user.is_diagnosed()
    user.keeps_the_session()


@pytest.mark.case("plan-consent-declined")
def test_plan_use_that_was_taken_back(user: User) -> None:
    """Leave is asked for again on the consent page, and the question is answered then."""
    user.signs_in()
    with user.struck_by("api-no-consent"):
        user.types("ask", "Hello")
    user.was_told("signedin login --enable-plan")
    user.stands("connected")
    user.logged()
    user.is_diagnosed()
    assert user.types("login", "--enable-plan").code == 0
    user.keeps_the_session()


@pytest.mark.case("plan-not-included")
@pytest.mark.parametrize("fault", ["api-not-eligible", "api-403-detail"])
def test_a_plan_that_does_not_include_it(user: User, fault: str) -> None:
    """Signing in again would change nothing, and nobody is sent there."""
    user.signs_in()
    with user.struck_by(fault):
        user.types("ask", "Hello")
    user.was_told("settings page")
    user.stands("connected")
    user.logged()
    user.is_diagnosed()
    user.keeps_the_session()


@pytest.mark.case("plan-not-included")
def test_a_codex_plan_that_does_not_include_it(user: User, codex: Sandbox) -> None:
    """The same, told by the code alone: there a refusal without one is about who asks."""
    with user.struck_by("usage-not-included"):
        user.types("ask", "Hello")
    user.was_told("settings page")
    user.stands("connected")
    user.logged()
    user.is_diagnosed()
    user.keeps_the_session()


@pytest.mark.case("workspace-not-entitled")
def test_a_workspace_without_access(user: User) -> None:
    """The sign-in ends at once, and the session from before is there as it was."""
    user.signs_in()
    with user.struck_by("entitlement-missing"):
        user.types("login", "--again")
    user.was_told("administrator")
    user.stands("connected")
    user.logged()
    user.is_diagnosed()
    user.keeps_the_session()


@pytest.mark.case("account-deactivated")
def test_an_account_that_the_provider_disabled(user: User) -> None:
    """Nothing is tried again behind the user's back; should the provider relent, the session is still there."""
    user.signs_in()
    user.sandbox.requests.clear()
    with user.struck_by("api-deactivated"):
        user.types("ask", "--model", "sandbox-large", "Hello")
    assert [asked.path for asked in user.sandbox.requests] == ["/v1/responses"]
    user.was_told("support")
    user.stands("connected")
    user.logged()
    user.is_diagnosed()
    user.keeps_the_session()


@pytest.mark.case("id-token-invalid")
def test_a_proof_of_identity_that_does_not_hold(user: User) -> None:
    """A session that nobody can vouch for is none, and is ended at the provider."""
    with user.struck_by("id-token-bad-nonce"):
        user.types("login", "--provider", "sandbox")
    assert [asked.status for asked in user.sandbox.requests if asked.path.endswith("/revoke")] == [200]
    user.was_told("do not trust the network")
    user.stands("disconnected")
    user.logged()
    user.is_diagnosed()
    user.has_no_session()


@pytest.mark.case("identity-unverified")
def test_signing_keys_out_of_reach(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is signed out over it: the session goes on, and the proof is looked at again at the next refresh."""
    monkeypatch.setattr("signedin.authorization_server.KEYS_PAUSES", (0.0, 0.0))
    user.signs_in()
    with user.struck_by("jwks-503"):
        user.types("refresh")
    user.types("status")
    user.was_warned("could not be checked yet")
    user.stands("connected", flags=["identity_unverified"])
    user.logged()
    user.is_diagnosed()
    user.keeps_the_session()


@pytest.mark.case("api-key-rejected")
def test_a_key_that_the_api_does_not_know(user: User, keys: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refused at its sign-in, it is not kept, and the page that makes keys is named."""
    give_key("sk-" + "w" * 40, monkeypatch)
    user.types("login", "--api-key", "--provider", keys)
    user.was_told("login --provider keys --api-key", user.sandbox.url)
    user.stands("disconnected")
    user.leaves_out("logged", because="the step is that of a key which worked once; this one never came to a session")
    user.is_diagnosed()
    user.has_no_session()


@pytest.mark.case("api-key-rejected")
def test_a_key_that_the_api_takes_no_longer(user: User, keys: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bill was not paid, say: the key is kept, and is well again by itself once it is."""
    give_key(API_KEY, monkeypatch)
    user.types("login", "--api-key", "--provider", keys)
    with user.struck_by("api-key-rejected"):
        user.types("ask", "--model", "sandbox-large", "Hello")
    user.was_told("login --provider keys --api-key --again", user.sandbox.url)
    user.stands("error")
    user.logged()
    user.is_diagnosed()
    user.keeps_the_session()
    user.is_diagnosed(status="cleared")


@pytest.mark.case("env-key-overrides-login")
def test_a_key_beside_the_sign_in(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is named wherever somebody looks who is signed in, and never sent."""
    user.signs_in()
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-the-environment")
    for command in ("login", "status"):
        user.types(command)
        user.was_warned("OPENAI_API_KEY is set", "signedin explain env-key-overrides-login")
        assert "sk-of" not in user.ran.out + user.ran.err
    user.stands("connected")
    user.leaves_out("logged", because="the connection is well: it is other programs that the variable misleads")
    user.leaves_out("diagnosed", because="the same: `status`, `login` and `doctor` see it where it is")
    user.keeps_the_session()


def give_key(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """By a pipe."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(key))
