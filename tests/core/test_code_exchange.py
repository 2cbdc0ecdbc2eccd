"""From the code to the session: registration first, identity before the commit, and nothing half done."""

import errno
from dataclasses import replace

import anyio
import pytest
from tests.support.stage import PATIENCE, TOKEN, Stage

from signedin import Connection, Provider, SignInFailed, State
from signedin.authorization_server import AuthorizationServer
from signedin.errors import ConfigurationError, StoreError
from signedin.oauth import discovery
from signedin.oauth.messages import Request, Response
from signedin_adapters.http import HttpxClient

KEYS = "/.well-known/jwks.json"


async def failed(connection: Connection) -> str:
    """The case that a sign-in fails with."""
    with pytest.raises(SignInFailed) as refused:
        await connection.sign_in()
    return refused.value.case


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is asked again is asked again at once."""
    monkeypatch.setattr("signedin.authorization_server.KEYS_PAUSES", (0.0, 0.0, 0.0))
    monkeypatch.setattr("signedin.authorization_server.REVOCATION_PAUSES", (0.0, 0.0))


# Refused.


@pytest.mark.parametrize(
    ("fault", "case"),
    [
        ("token-invalid-grant", "code-expired-or-used"),
        ("token-invalid-client", "client-refused"),
        ("token-503", "provider-outage"),
        ("token-429", "login-rate-limited"),
        ("token-region", "region-unsupported"),
        ("token-html", "provider-outage"),
        ("token-huge", "ok-status-error-body"),
        ("token-redirect-307", "ok-status-error-body"),
        ("token-no-code", "unclassified"),
        ("token-unknown-code", "unclassified"),
    ],
)
async def test_a_code_that_is_refused_ends_the_attempt_with_its_case(stage: Stage, fault: str, case: str) -> None:
    """Whatever the token endpoint does, nobody is signed in and the reason is said."""
    stage.sandbox.faults.inject(fault)
    async with stage.open() as connection:
        assert await failed(connection) == case
        assert connection.state is State.DISCONNECTED


async def test_a_registration_that_was_removed_is_known_by_the_next_sign_in(stage: Stage) -> None:
    """What the account held is kept."""
    async with stage.open() as connection:
        await connection.sign_in()
        stage.sandbox.faults.inject("token-invalid-client")
        assert await failed(connection) == "registration-gone"
        assert connection.state is State.CONNECTED


async def test_it_is_known_of_an_account_that_is_signed_out_too(stage: Stage) -> None:
    """The registration outlives a sign-out, here."""
    async with stage.open() as connection:
        await connection.sign_in()
        await connection.sign_out()
        stage.sandbox.faults.inject("token-invalid-client")
        assert await failed(connection) == "registration-gone"
        assert connection.state is State.DISCONNECTED


async def test_what_the_system_refuses_to_send_with_is_no_bug(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Out of descriptors: nothing was sent, and there is nothing to report."""
    async with stage.open() as connection:
        with monkeypatch.context() as patch:
            patch.setattr("signedin.code_exchange.anyio.run", _out_of_descriptors)
            assert await failed(connection) == "no-thread"
        await connection.sign_in()
    assert stage.asked(TOKEN) == 1


def _out_of_descriptors(*_: object) -> None:
    raise OSError(errno.EMFILE, "Too many open files")


async def test_a_plan_that_is_not_enough_is_a_refused_code(stage: Stage) -> None:
    """As a free account meets it; it is not asked again by itself."""
    stage.sandbox.plan = "free"
    async with stage.open() as connection:
        assert await failed(connection) == "code-expired-or-used"
    assert stage.asked(TOKEN) == 1


async def test_a_failed_exchange_leaves_the_older_session_as_it_was(stage: Stage) -> None:
    """The connection is Connected before and after."""
    async with stage.signed_in() as connection:
        before = await connection.get_access_token()
        stage.sandbox.faults.inject("token-503")
        assert await failed(connection) == "provider-outage"
        assert connection.state is State.CONNECTED
        assert await connection.get_access_token() == before


# The registration.


async def test_the_issued_id_is_kept_when_the_exchange_fails(stage: Stage) -> None:
    """The next attempt uses it, also in a new process: the user is never registered twice."""
    stage.sandbox.faults.inject("token-503")
    before = len(stage.sandbox.registrations.all())
    async with stage.open() as connection:
        await failed(connection)
    stage.restart()
    async with stage.open() as connection:
        await connection.sign_in()
    assert len(stage.sandbox.registrations.all()) == before + 1


async def test_plan_use_that_was_declined_is_no_failure(stage: Stage) -> None:
    """The identity is signed in, and the plan is said to be off."""
    stage.sandbox.faults.inject("identity-only")
    async with stage.signed_in() as connection:
        assert connection.state is State.CONNECTED
        assert connection.snapshot.plan_enabled is False


# Who it is.


async def test_another_user_on_this_registration_is_refused(stage: Stage) -> None:
    """The older session stays, and the stranger's tokens are revoked."""
    async with stage.signed_in() as connection:
        before = await connection.get_access_token()
        stage.sandbox.faults.inject("id-token-wrong-sub")
        assert await failed(connection) == "wrong-account-or-workspace"
        assert connection.state is State.CONNECTED
        assert await connection.get_access_token() == before
    assert [grant.ended for grant in stage.sandbox.grants.all()[-2:]] == [None, "revoked"]


async def test_an_id_token_with_another_nonce_is_refused(stage: Stage) -> None:
    """It answers somebody else's question; its tokens are revoked."""
    stage.sandbox.faults.inject("id-token-bad-nonce")
    async with stage.open() as connection:
        assert await failed(connection) == "id-token-invalid"
    assert stage.sandbox.grants.all()[-1].ended == "revoked"


async def test_a_missing_id_token_is_refused_where_one_was_asked_for(stage: Stage) -> None:
    """Nobody is signed in without it being known who (OpenID Connect Core §3.1.3.3)."""
    async with stage.open(http=Spoiling(b'"id_token"', b'"no_token"')) as connection:
        assert await failed(connection) == "id-token-invalid"


async def test_an_outage_of_the_keys_is_waited_out(stage: Stage) -> None:
    """It is no bad identity."""
    stage.sandbox.faults.inject("jwks-503", 3)
    async with stage.signed_in() as connection:
        assert connection.state is State.CONNECTED


async def test_an_outage_of_the_keys_that_lasts_is_an_outage(stage: Stage) -> None:
    """Nobody is signed in unproved."""
    stage.sandbox.faults.inject("jwks-503", None)
    async with stage.open() as connection:
        assert await failed(connection) == "provider-outage"


async def test_rotated_keys_are_fetched_once_more(stage: Stage) -> None:
    """A key that is not known yet is asked for, once."""
    async with stage.signed_in() as connection:
        stage.sandbox.faults.inject("jwks-rotated")
        await connection.sign_in()
    assert stage.asked(KEYS) == 1


async def test_keys_that_never_held_it_make_it_invalid(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """And do not loop."""
    others = {"keys": [{"kty": "RSA", "kid": "another", "n": "AQAB", "e": "AQAB"}]}
    monkeypatch.setattr(discovery, "read_jwks", lambda _: others)
    async with stage.open() as connection:
        assert await failed(connection) == "id-token-invalid"
    assert stage.asked(KEYS) == 2


async def test_no_keys_at_all_are_an_outage_of_the_keys(stage: Stage) -> None:
    """They say nothing about the user, who is not signed in unproved all the same."""
    stage.sandbox.faults.inject("jwks-empty", None)
    async with stage.open() as connection:
        assert await failed(connection) == "ok-status-error-body"


@pytest.mark.parametrize("trouble", [ConfigurationError("Wrong."), StoreError("Gone."), RuntimeError()])
async def test_tokens_that_nobody_will_use_are_revoked(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    """Whatever stands in the way after they were issued."""

    async def broken(*_: object, **__: object) -> None:
        raise trouble

    monkeypatch.setattr(AuthorizationServer, "identify", broken)
    async with stage.open() as connection:
        await failed(connection)
    assert stage.sandbox.grants.all()[-1].ended == "revoked"


async def test_an_exchange_that_hangs_ends_by_itself(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many requests it is made of."""
    monkeypatch.setattr("signedin.code_exchange.REDEEM_SECONDS", 0.2)
    monkeypatch.setattr("signedin.authorization_server.REVOCATION_SECONDS", 0.1)
    async with stage.open() as connection:
        with stage.holding_back(KEYS), anyio.fail_after(PATIENCE / 2):
            assert await failed(connection) == "request-timeout-ambiguous"


# What the user chose meanwhile.


async def test_choices_made_during_a_sign_in_outlive_it(stage: Stage) -> None:
    """The model that another process was told to use, and that the notice was shown."""
    async with stage.signed_in() as connection:
        async with connection.authorize() as attempt:
            async with stage.elsewhere() as other:
                other.use_model("sandbox-small")
                other.acknowledge_notice()
            await stage.visitor()(attempt)
            await attempt.done()
        assert connection.snapshot.model == "sandbox-small"
        assert not connection.snapshot.notice_due
        assert connection.accounts()[0].model == "sandbox-small"


# Names.


async def test_a_second_account_of_the_same_address_gets_a_number(stage: Stage) -> None:
    """Labels are unique; the address is only a name."""
    async with stage.signed_in(), stage.open(new=True) as other:
        await other.sign_in()
        assert other.snapshot.label == "ada@example.com-2"
        assert other.snapshot.email == "ada@example.com"


async def test_the_same_user_is_not_signed_in_twice_with_a_fixed_client(stage: Stage) -> None:
    """The second account is refused; its tokens may share the first one's grant, and are not revoked."""
    async with stage.signed_in() as connection:
        provider = _fixed(connection)
    async with stage.open(app_name="Fixed", provider=provider) as first:
        await first.sign_in()
        async with stage.open(app_name="Fixed", provider=provider, new=True) as second:
            with pytest.raises(SignInFailed, match=r"has an account here already: ada@example\.com") as refused:
                await second.sign_in()
            assert refused.value.case == "account-exists-already"
            assert second.state is State.DISCONNECTED
        assert first.state is State.CONNECTED
    assert stage.sandbox.grants.all()[-1].ended is None


def _fixed(connection: Connection) -> Provider:
    """A provider whose client id stands in the profile: the one that was just issued."""
    client_id = connection._account.record.client_id
    assert client_id is not None
    host = (("ext_agent_host_id", "urn:uuid:00000000-0000-4000-8000-000000000000"),)
    return replace(connection.provider, name="fixed", registration="fixed", client_id=client_id, authorize_params=host)


class Spoiling(HttpxClient):
    """Changes what a server says, which the sandbox would never say."""

    def __init__(self, said: bytes, heard: bytes) -> None:
        super().__init__()
        self._said, self._heard = said, heard

    async def send(self, request: Request, *, seconds: float) -> Response:
        """Send, and mishear."""
        answer = await super().send(request, seconds=seconds)
        return replace(answer, body=answer.body.replace(self._said, self._heard))
