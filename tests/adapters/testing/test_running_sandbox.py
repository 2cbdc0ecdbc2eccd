"""The fixture as a third party's tests use it."""

import os
import subprocess
import sys
from pathlib import Path

import anyio
import pytest

from signedin import (
    Connection,
    ConnectionFailed,
    InteractionRequired,
    SignInFailed,
    State,
    TemporarilyUnavailable,
    sync,
)
from signedin.errors import AnswerRefused, StoreError
from signedin.secret import Secret
from signedin.testing import FailingStore, FakeHttp
from signedin_adapters.route import Route
from signedin_adapters.sandbox import FAULTS
from signedin_adapters.stores.keyring_key import KeyringKeys
from signedin_adapters.testing import RunningSandbox
from signedin_adapters.testing.running_sandbox import NOWHERE, PLAYED, running

APP = "Acme Notes"


def played(sandbox: RunningSandbox) -> list[str | None]:
    """The cases that will happen, oldest first."""
    return [FAULTS[spec.name].case for spec in sandbox.server.faults.armed]


def test_an_app_is_signed_in_in_one_line(signedin_sandbox: RunningSandbox) -> None:
    """As if it had been yesterday: no browser is opened, and nobody names a provider."""
    signedin_sandbox.sign_in(APP)
    with sync.Connection.open(app_name=APP) as connection:
        connection.ensure_signed_in()
        assert (connection.state, connection.provider.name) == (State.CONNECTED, "sandbox")
        assert connection.snapshot.email == "ada@example.com"
    assert signedin_sandbox.browser.opened == []


async def test_an_app_may_sign_in_by_itself(signedin_sandbox: RunningSandbox) -> None:
    """Its own way, through the browser that it opens; on asyncio and on trio."""
    async with Connection.open(app_name=APP) as connection:
        await connection.ensure_signed_in()
        await connection.ensure_signed_in()
        assert connection.state is State.CONNECTED
    assert len(signedin_sandbox.browser.opened) == 1


async def test_a_test_may_sign_in_within_a_loop(signedin_sandbox: RunningSandbox) -> None:
    """The one line is the same there, and adapters of the test's own are the ones that are used then."""
    signedin_sandbox.sign_in(APP)
    http = FakeHttp()
    async with Connection.open(app_name=APP, http=http) as connection:
        with pytest.raises(TemporarilyUnavailable) as refused:
            await connection.refresh()
    assert (refused.value.case, len(http.requests)) == ("offline", 1)


def test_the_person_and_what_they_allow_can_be_chosen(signedin_sandbox: RunningSandbox) -> None:
    """In the one line, and in the browser."""
    signedin_sandbox.person, signedin_sandbox.allow_plan = "grace", False
    signedin_sandbox.sign_in(APP)
    with sync.Connection.open(app_name=APP) as connection:
        assert (connection.snapshot.email, connection.snapshot.plan_enabled) == ("grace@example.com", False)
    with sync.Connection.open(app_name="Other Notes") as connection:
        connection.ensure_signed_in()
        assert connection.snapshot.email == "grace@example.com"


@pytest.mark.parametrize("provider", ["sandbox", "sandbox-codex", "sandbox-native"])
def test_every_part_of_the_sandbox_is_there(signedin_sandbox: RunningSandbox, provider: str) -> None:
    """Also the one that wants a fixed port: each test has one of its own."""
    signedin_sandbox.sign_in(APP, provider=provider)
    with sync.Connection.open(app_name=APP) as connection:
        assert (connection.provider.name, connection.state) == (provider, State.CONNECTED)


@pytest.mark.parametrize(("named", "met"), [(None, "sandbox"), ("chatgpt", "sandbox"), ("codex", "sandbox-codex")])
def test_no_app_meets_a_server_of_openais(signedin_sandbox: RunningSandbox, named: str | None, met: str) -> None:
    """Whatever provider it names, and whatever store: the user's own keyring is not asked."""
    with sync.Connection.open(app_name=APP, provider=named, store="keyring") as connection:
        connection.ensure_signed_in()
        assert (connection.state, connection.provider.name) == (State.CONNECTED, met)
        assert connection.api_base.startswith(f"{signedin_sandbox.server.url}/")


def test_a_key_is_tried_at_the_sandbox(signedin_sandbox: RunningSandbox) -> None:
    """It knows one; a real one would be refused, and goes nowhere else."""
    (key,) = signedin_sandbox.server.api_keys
    with sync.Connection.open(app_name=APP, provider="openai") as connection:
        connection.sign_in_with_key(Secret(key))
        assert connection.state is State.CONNECTED
        with connection.client() as client:
            assert client.get("/models").status_code == 200
    assert {request.path for request in signedin_sandbox.server.requests} == {"/v1/models"}


async def test_a_code_can_be_approved(signedin_sandbox: RunningSandbox) -> None:
    """Without a wait: the sandbox wants no pause between two questions."""
    async with (
        Connection.open(app_name=APP, provider="codex") as connection,
        connection.authorize(device=True) as attempt,
    ):
        assert attempt.user_code
        await anyio.to_thread.run_sync(signedin_sandbox.server.approve_device, attempt.user_code)
        await attempt.done()
        assert connection.state is State.CONNECTED
    assert signedin_sandbox.browser.opened == []


def test_a_request_of_the_api_can_be_refused(signedin_sandbox: RunningSandbox) -> None:
    """As the plan's limit would: the app is told by its case, and stays signed in."""
    signedin_sandbox.sign_in(APP)
    with sync.Connection.open(app_name=APP) as connection:
        with signedin_sandbox.fault("app-usage-limit-hit"), pytest.raises(AnswerRefused) as refused:
            sync.ask(connection, "Hello?").text()
        assert (refused.value.case, connection.state) == ("app-usage-limit-hit", State.CONNECTED)


def test_a_case_happens_where_it_does(signedin_sandbox: RunningSandbox) -> None:
    """By its id; a browser is not the answer to it by itself."""
    signedin_sandbox.sign_in(APP)
    signedin_sandbox.fault("refresh-token-revoked")
    with sync.Connection.open(app_name=APP) as connection, pytest.raises(InteractionRequired) as refused:
        connection.refresh()
    assert refused.value.case == "refresh-token-revoked"
    assert signedin_sandbox.browser.opened == []


@pytest.mark.parametrize("case", ["user-denied-consent", "state-mismatch-stale-tab", "code-expired-or-used"])
def test_a_sign_in_that_goes_wrong_says_so_at_once(signedin_sandbox: RunningSandbox, case: str) -> None:
    """In the one line as well: nobody waits for a deadline."""
    signedin_sandbox.fault(case)
    with pytest.raises(SignInFailed) as refused:
        signedin_sandbox.sign_in(APP)
    assert refused.value.case == case


def test_trouble_ends_with_its_block(signedin_sandbox: RunningSandbox) -> None:
    """And the connection recovers by itself."""
    signedin_sandbox.sign_in(APP)
    with sync.Connection.open(app_name=APP, clock=signedin_sandbox.clock) as connection:
        with signedin_sandbox.fault("provider-outage@always"):
            signedin_sandbox.clock.advance(7200)
            with pytest.raises(TemporarilyUnavailable) as refused:
                connection.get_access_token()
            assert refused.value.case == "provider-outage"
        connection.retry()
        assert connection.state is State.CONNECTED


def test_trouble_adds_to_trouble(signedin_sandbox: RunningSandbox) -> None:
    """The end of a block takes away its own alone, whatever else was armed before or meanwhile."""
    with signedin_sandbox.fault("provider-outage@always"):
        with signedin_sandbox.fault("app-usage-limit-hit", "refresh-token-revoked"):
            signedin_sandbox.fault("user-denied-consent")
            assert played(signedin_sandbox) == [
                "provider-outage",
                "app-usage-limit-hit",
                "refresh-token-revoked",
                "user-denied-consent",
            ]
        assert played(signedin_sandbox) == ["provider-outage", "user-denied-consent"]
    assert played(signedin_sandbox) == ["user-denied-consent"]


def test_every_case_that_is_said_to_be_played_is(signedin_sandbox: RunningSandbox) -> None:
    """By the first fault of the table that plays it."""
    signedin_sandbox.fault(*PLAYED)
    assert played(signedin_sandbox) == list(PLAYED)


@pytest.mark.parametrize(
    ("case", "why"),
    [
        ("offlin", "cannot play 'offlin'; it can play"),
        ("keyring-locked", r"'keyring-locked' \(.*FailingStore can\)"),
        ("offline", r"'offline' \(.*FakeHttp can\)"),
    ],
)
def test_what_cannot_be_played_is_refused(signedin_sandbox: RunningSandbox, case: str, why: str) -> None:
    """Naming all that can be, and nothing is armed."""
    with pytest.raises(ValueError, match=why) as refused:
        signedin_sandbox.fault("provider-outage", case)
    assert all(played in str(refused.value) for played in PLAYED)
    assert signedin_sandbox.server.faults.armed == ()


def test_a_store_can_fail_under_a_signed_in_app(signedin_sandbox: RunningSandbox) -> None:
    """A locked keyring is no reason to open a browser."""
    signedin_sandbox.sign_in(APP)
    store = FailingStore(signedin_sandbox.store(APP))
    with store.failing("keyring-locked"), sync.Connection.open(app_name=APP, store=store) as connection:
        connection.ensure_signed_in()
        with pytest.raises(ConnectionFailed) as refused:
            connection.get_access_token()
        assert refused.value.case == "keyring-locked"
    assert signedin_sandbox.browser.opened == []


def test_time_passes_when_the_test_says_so(signedin_sandbox: RunningSandbox) -> None:
    """For server and connection alike."""
    signedin_sandbox.sign_in(APP)
    with sync.Connection.open(app_name=APP, clock=signedin_sandbox.clock) as connection:
        before = connection.get_access_token()
        signedin_sandbox.clock.advance(3600)
        assert connection.get_access_token() != before


def test_nothing_of_this_machine_is_touched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither its settings nor its proxies hold; all that was replaced is put back."""
    before = {"SIGNEDIN_STORE": "keyring", "SIGNEDIN_HOME": "/nowhere", "HTTPS_PROXY": "http://proxy.example:3128"}
    for name, value in before.items():
        monkeypatch.setenv(name, value)
    with pytest.MonkeyPatch.context() as replaced, running(str(tmp_path), replaced) as sandbox:
        assert (os.environ["SIGNEDIN_HOME"], sandbox.home) == (str(tmp_path), str(tmp_path))
        assert (os.environ["SIGNEDIN_STORE"], os.environ["HTTPS_PROXY"]) == ("file", NOWHERE)
        sandbox.sign_in(APP)
    assert {name: os.environ[name] for name in before} == before


def test_the_command_meets_it_too(signedin_sandbox: RunningSandbox) -> None:
    """A process that the test starts has the same home, and the same provider."""
    signedin_sandbox.sign_in("signedin")
    command = os.path.join(os.path.dirname(sys.executable), "signedin")
    ran = subprocess.run([command, "refresh"], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr


def test_one_app_may_have_several_accounts(signedin_sandbox: RunningSandbox) -> None:
    """Each by its label, the first time and again."""
    for label in ("home", "work", "work"):
        signedin_sandbox.person = "grace" if label == "work" else "ada"
        signedin_sandbox.sign_in(APP, account=label)
    with sync.Connection.open(app_name=APP, account="work") as connection:
        assert [record.label for record in connection.accounts()] == ["home", "work"]
        assert connection.state is State.CONNECTED


def test_a_program_that_the_test_starts_is_offline_too(signedin_sandbox: RunningSandbox) -> None:
    """A provider that it names by itself is out of reach, and so is the keyring; the sandbox is there."""
    assert Route().proxy_for("auth.openai.com") == NOWHERE == os.environ["HTTPS_PROXY"]
    assert Route().proxy_for("127.0.0.1") is None
    with pytest.raises(StoreError) as refused:
        KeyringKeys("acme").probe()
    assert refused.value.case == "keyring-backend-missing"
