"""Signing in with a code that is typed elsewhere: at a server as RFC 8628 has it, and at one with a flow of its own."""

import errno
import sys
import threading
import time
from collections.abc import Collection, Generator
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Any

import anyio
import pytest
from tests.support.stage import PATIENCE, Stage, at_rest, join_threads, until, watching
from tests.support.suspensions import cancelled_at

from signedin import (
    Attempt,
    ConfigurationError,
    Connection,
    InteractionRequired,
    MisuseError,
    Provider,
    SignInFailed,
    State,
    device_sign_in,
    exchange,
)
from signedin.connection import account_of
from signedin.device_exchange import DeviceExchange
from signedin.errors import TransportFailed
from signedin.oauth.device import GRANT_TYPE, Pace
from signedin.oauth.device_answer import Waiting
from signedin.oauth.messages import Request, Response
from signedin_adapters.http import HttpxClient
from signedin_adapters.sandbox.grants import Grant

NATIVE, CODEX = "sandbox-native", "sandbox-codex"
POLLS = {NATIVE: "/native/oauth/token", CODEX: "/api/accounts/deviceauth/token"}
STARTS = {NATIVE: "/native/oauth/device", CODEX: "/api/accounts/deviceauth/usercode"}
INTERVAL = 0.02
"""Seconds between two polls at the stage's sandbox; it takes what comes up to 0.1 s early for punctual."""

either = pytest.mark.parametrize("provider", [NATIVE, CODEX])


@pytest.fixture(autouse=True)
def _quick(stage: Stage) -> Generator[None]:
    """People are asked, and devices ask often; the last poll of one test never reaches the next."""
    stage.sandbox.auto_approve, stage.sandbox.device_interval = False, INTERVAL
    yield
    join_threads()
    stage.sandbox.device_interval, stage.sandbox.device_ttl = 5, 900


@dataclass(kw_only=True)
class Typist:
    """A prompt that plays the person at another machine: opens the page, types the code, signs in and decides."""

    stage: Stage
    person: str = "ada"
    deny: bool = False

    async def __call__(self, attempt: Attempt) -> None:
        await anyio.to_thread.run_sync(self.decide, attempt)

    def decide(self, attempt: Attempt) -> None:
        """The same, for threads."""
        assert attempt.user_code is not None
        self.stage.sandbox.approve_device(attempt.user_code, person=self.person, deny=self.deny)


class Paced(Pace):
    """Remembers what was waited for, and waits no longer."""

    waits: list[Waiting]
    waited: anyio.Event

    def after(self, waiting: Waiting) -> float:
        """The shortest pause."""
        self.waits.append(waiting)
        self.waited.set()
        return INTERVAL


@pytest.fixture
async def paced(monkeypatch: pytest.MonkeyPatch) -> type[Paced]:
    """What is waited for is remembered meanwhile; each pause is short."""
    Paced.waits, Paced.waited = [], anyio.Event()
    monkeypatch.setattr(device_sign_in, "Pace", Paced)
    return Paced


async def nobody(attempt: Attempt) -> None:
    """A person who never types it."""
    await anyio.sleep_forever()


async def failed(connection: Connection, **settings: Any) -> str:
    """The case that a sign-in with a code fails with."""
    with pytest.raises(SignInFailed) as refused:
        await connection.sign_in(device=True, **({"prompt": nobody} | settings))
    return refused.value.case


def living(stage: Stage) -> list[Grant]:
    """The families of tokens that could be used."""
    return [grant for grant in stage.sandbox.grants.all() if not grant.ended]


@pytest.fixture(autouse=True)
def _no_grants(stage: Stage) -> None:
    """What other tests left at the sandbox is over."""
    stage.sandbox.grants.end_all("revoked")


# Well.


@either
async def test_signing_in_with_a_code(stage: Stage, provider: str) -> None:
    """Disconnected, Authorizing, Connected, by the same events as in a browser here; the next process finds it."""
    async with stage.open(provider=provider, prompt=Typist(stage=stage)) as connection:
        with watching(connection) as seen:
            await connection.sign_in(device=True)
        assert connection.state is State.CONNECTED
        assert connection.snapshot.email == "ada@example.com"
        await connection.refresh()
    assert [(each.trigger, each.state) for each in seen if each.visible] == [
        ("SignInRequested", State.AUTHORIZING),
        ("SessionCommitted", State.CONNECTED),
    ]
    stage.restart()
    async with stage.open(provider=provider) as again:
        assert again.state is State.CONNECTED


async def test_an_attempt_says_where_to_type_what(stage: Stage) -> None:
    """And there is an address with the code in it."""
    async with stage.open(provider=NATIVE) as connection, connection.authorize(device=True) as attempt:
        page = f"{stage.sandbox.url}/native/device"
        assert (attempt.url, attempt.short_url, attempt.ways) == (page, None, ("device",))
        assert attempt.user_code is not None
        assert attempt.complete_url == f"{page}?user_code={attempt.user_code}"
        assert attempt.asks == ("see your name", "see your e-mail address", "stay signed in")
        assert abs(attempt.deadline - time.time() - 900) < PATIENCE
        assert connection.state is State.AUTHORIZING


async def test_the_servers_own_flow_has_its_page_alone(stage: Stage) -> None:
    """No address has the code in it, and it lasts for 15 minutes."""
    async with stage.open(provider=CODEX) as connection, connection.authorize(device=True) as attempt:
        assert (attempt.url, attempt.complete_url) == (f"{stage.sandbox.url}/codex/device", None)
        assert attempt.user_code
        assert abs(attempt.deadline - time.time() - 900) < PATIENCE


@either
async def test_no_transition_tells_the_code(stage: Stage, provider: str) -> None:
    """Neither what people type nor what is asked with: whoever reads along could sign in with it."""
    async with stage.open(provider=provider) as connection, connection.authorize(device=True) as attempt:
        with watching(connection) as seen:
            await Typist(stage=stage)(attempt)
            await attempt.done()
        assert attempt.user_code is not None
        assert attempt.user_code not in repr(seen)
        assert "dc_" not in repr(seen)


async def test_a_browser_attempt_says_that_there_is_this_way(stage: Stage) -> None:
    """Where the provider offers it."""
    async with stage.open(provider=NATIVE) as connection, connection.authorize() as attempt:
        assert (attempt.ways, attempt.user_code, attempt.complete_url) == (("browser", "paste", "device"), None, None)
    async with stage.open() as connection, connection.authorize() as attempt:
        assert attempt.ways == ("browser", "paste")


# Waiting.


@either
@pytest.mark.parametrize(
    ("fault", "waiting"),
    [
        ("device-slow-down", Waiting(slower=True)),
        ("device-429", Waiting(slower=True, retry_after=2.0)),
        ("device-503", Waiting(case="provider-outage")),
        ("device-html", Waiting(case="provider-outage")),
    ],
)
async def test_what_decides_nothing_is_waited_out(
    stage: Stage, provider: str, paced: type[Paced], fault: str, waiting: Waiting
) -> None:
    """Asked too often, or in trouble: the attempt goes on as long as the code lives."""
    stage.sandbox.faults.inject(fault)
    async with stage.open(provider=provider) as connection, connection.authorize(device=True) as attempt:
        await paced.waited.wait()
        await Typist(stage=stage)(attempt)
        await attempt.done()
    assert paced.waits[0] == waiting


async def test_a_server_out_of_reach_is_waited_for(stage: Stage, paced: type[Paced]) -> None:
    """A poll that got no answer is asked again."""
    async with stage.open(provider=NATIVE, http=LosingPolls(), prompt=Typist(stage=stage)) as connection:
        await connection.sign_in(device=True)
        assert connection.state is State.CONNECTED
    assert paced.waits[0] == Waiting(case="offline")


class LosingPolls(HttpxClient):
    """Some polls never arrive: the first, unless `lost` says which."""

    def __init__(self, lost: Collection[int] = (1,)) -> None:
        super().__init__()
        self._lost, self._polls = lost, 0

    async def send(self, request: Request, *, seconds: float) -> Response:
        """As usual but for those."""
        self._polls += request.url.endswith("/token")
        if request.url.endswith("/token") and self._polls in self._lost:
            raise TransportFailed("Nobody there.", kind="connect", sent=False, case="offline")
        return await super().send(request, seconds=seconds)


async def test_a_system_without_threads_is_waited_for(
    stage: Stage, paced: type[Paced], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A poll that cannot begin is no answer."""
    start, refused = exchange.start, list[str]()

    def sparing(work: Any, *, name: str, at_once: bool = False) -> None:
        if name == "device poll" and not refused:
            refused.append(name)
            raise exchange.NoThread
        start(work, name=name, at_once=at_once)

    monkeypatch.setattr(exchange, "start", sparing)
    async with stage.open(provider=NATIVE, prompt=Typist(stage=stage)) as connection:
        await connection.sign_in(device=True)
    assert paced.waits[0] == Waiting(case="no-thread")


def without_descriptors(monkeypatch: pytest.MonkeyPatch, *, thread: str) -> None:
    """The system has none left for the first event loop of such a thread."""
    run, refused = anyio.run, list[str]()

    def sparing(*args: Any, **settings: Any) -> object:
        if threading.current_thread().name == thread and not refused:
            refused.append(thread)
            raise OSError(errno.EMFILE, "Too many open files")
        return run(*args, **settings)

    monkeypatch.setattr("signedin.device_exchange.anyio.run", sparing)


async def test_a_system_without_descriptors_is_waited_for(
    stage: Stage, paced: type[Paced], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing was sent."""
    without_descriptors(monkeypatch, thread="signedin device poll")
    async with stage.open(provider=NATIVE, prompt=Typist(stage=stage)) as connection:
        await connection.sign_in(device=True)
    assert paced.waits[0] == Waiting(case="no-thread")


async def test_trouble_is_logged_once_however_long_it_lasts(stage: Stage, paced: type[Paced]) -> None:
    """And again after an answer."""
    written = list[object]()

    class Log:
        def write(self, event: str, **fields: object) -> None:
            if event == "poll.failed":
                written.append(fields["case"])

    http = LosingPolls(lost={1, 2, 4})
    async with (
        stage.open(provider=NATIVE, log=Log(), http=http) as connection,
        connection.authorize(device=True) as attempt,
    ):
        while len(paced.waits) < 4:
            paced.waited = anyio.Event()
            await paced.waited.wait()
        await Typist(stage=stage)(attempt)
        await attempt.done()
    assert [waiting.case for waiting in paced.waits[:4]] == ["offline", "offline", None, "offline"]
    assert written == ["offline", "offline"]


# Ended without a session.


@either
async def test_denied_it_returns_to_where_it_came_from(stage: Stage, provider: str) -> None:
    """With the case, and nobody signed in."""
    async with stage.open(provider=provider) as connection:
        assert await failed(connection, prompt=Typist(stage=stage, deny=True)) == "user-denied-consent"
        assert connection.state is State.DISCONNECTED
    await at_rest()
    assert living(stage) == []


@either
async def test_denied_the_older_session_goes_on(stage: Stage, provider: str) -> None:
    """It was never in question."""
    async with stage.open(provider=provider) as connection:
        await connection.sign_in(device=True, prompt=Typist(stage=stage))
        before = await connection.get_access_token()
        assert await failed(connection, prompt=Typist(stage=stage, deny=True)) == "user-denied-consent"
        assert connection.state is State.CONNECTED
        assert await connection.get_access_token() == before


@either
async def test_nobody_types_it(stage: Stage, provider: str) -> None:
    """The attempt ends with its deadline, and says what expired."""
    async with stage.open(provider=provider) as connection:
        assert await failed(connection, seconds=0.1) == "device-code-expired"
        assert connection.state is State.DISCONNECTED


@either
async def test_the_server_lets_it_expire(stage: Stage, provider: str) -> None:
    """Before our own deadline."""
    stage.sandbox.faults.inject("device-expired")
    async with stage.open(provider=provider) as connection:
        assert await failed(connection) == "device-code-expired"


async def test_a_code_lasts_as_long_as_the_server_says(stage: Stage) -> None:
    """Whatever the caller would give it."""
    stage.sandbox.device_ttl = 60
    async with (
        stage.open(provider=NATIVE) as connection,
        connection.authorize(device=True, seconds=3600) as attempt,
    ):
        assert abs(attempt.deadline - time.time() - 60) < PATIENCE


async def test_the_deadline_is_seen_by_whoever_looks(stage: Stage) -> None:
    """The task that keeps it may have slept with the machine: the case is the same."""
    async with stage.open(provider=NATIVE) as connection, connection.authorize(device=True) as attempt:
        stage.clock.advance(901)
        assert connection.state is State.DISCONNECTED
        with pytest.raises(SignInFailed) as refused:
            await attempt.done()
        assert refused.value.case == "device-code-expired"


@either
@pytest.mark.parametrize(
    ("fault", "case"), [("device-disabled", "device-code-disabled"), ("device-start-429", "login-rate-limited")]
)
async def test_without_a_code_there_is_no_attempt(stage: Stage, provider: str, fault: str, case: str) -> None:
    """It is refused before anybody waits, and the next one may begin."""
    if (provider, fault) == (NATIVE, "device-disabled"):
        case = "unclassified"  # there 404 has no such meaning
    stage.sandbox.faults.inject(fault)
    async with stage.open(provider=provider) as connection:
        with watching(connection) as seen:
            assert await failed(connection) == case
        assert seen == []
        await connection.sign_in(device=True, prompt=Typist(stage=stage))


async def test_the_same_person_is_told_which_account_is_theirs(stage: Stage) -> None:
    """No second one is made; its tokens may share the first one's grant, and are not revoked."""
    async with stage.open(provider=NATIVE) as first, stage.open(provider=NATIVE, new=True) as second:
        await first.sign_in(device=True, prompt=Typist(stage=stage))
        with pytest.raises(SignInFailed, match=r"has an account here already: ada@example\.com") as refused:
            await second.sign_in(device=True, prompt=Typist(stage=stage))
        assert refused.value.case == "account-exists-already"
        await at_rest()
        assert (first.state, second.state) == (State.CONNECTED, State.DISCONNECTED)
    assert len(living(stage)) == 2


async def test_who_asks_meanwhile_hears_nothing_of_a_browser(stage: Stage) -> None:
    """A sign-in is under way, with a code as with a browser."""
    async with stage.open(provider=NATIVE) as connection, connection.authorize(device=True):
        with pytest.raises(InteractionRequired, match="A sign-in is under way") as refused:
            await connection.get_access_token()
        assert refused.value.case == "login-in-progress"


async def test_somebody_else_is_refused(stage: Stage) -> None:
    """The account's own session stays, and the other's tokens are revoked."""
    async with stage.open(provider=NATIVE) as connection:
        await connection.sign_in(device=True, prompt=Typist(stage=stage))
        before = await connection.get_access_token()
        assert await failed(connection, prompt=Typist(stage=stage, person="grace")) == "wrong-account-or-workspace"
        assert await connection.get_access_token() == before
        await at_rest()
    assert len(living(stage)) == 1


async def test_a_bug_ends_it(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not asked again and again."""
    monkeypatch.setattr(DeviceExchange, "poll", lambda _: 1 // 0)
    async with stage.open(provider=NATIVE) as connection:
        assert await failed(connection) == "bug"


# Not offered, or not like this.


async def test_not_every_provider_offers_it(stage: Stage) -> None:
    """Said before anything is asked."""
    async with stage.open() as connection:
        with pytest.raises(ConfigurationError, match="does not offer signing in with a code"):
            await connection.sign_in(device=True, prompt=nobody)
        assert connection.state is State.DISCONNECTED
    assert len(stage.sandbox.requests) == 0


async def test_a_provider_that_takes_a_key_does_not(stage: Stage) -> None:
    """There is nobody to ask."""
    keys = Provider(name="keys", title="Keys", issuer=stage.sandbox.url, registration="api-key", scopes=())
    async with stage.open(provider=keys, store="file") as connection:
        with pytest.raises(ConfigurationError, match="Keys does not offer signing in with a code"):
            await connection.sign_in(device=True, prompt=nobody)


async def test_somebody_must_show_the_code(stage: Stage) -> None:
    """A browser alone does not, and a code needs no port."""
    async with stage.open(provider=NATIVE, prompt=None) as connection:
        with pytest.raises(MisuseError, match="prompt"):
            await connection.sign_in(device=True)
        with pytest.raises(MisuseError, match="port"):
            connection.authorize(device=True, ports=(0,))
        with pytest.raises(MisuseError, match="plan use"):
            connection.authorize(device=True, consent=True)


async def test_nothing_can_be_pasted(stage: Stage) -> None:
    """Which ends nothing."""
    async with stage.open(provider=NATIVE) as connection, connection.authorize(device=True) as attempt:
        with pytest.raises(MisuseError, match="takes no address"):
            await attempt.submit("http://127.0.0.1:1/auth/callback?code=1&state=2")
        assert connection.state is State.AUTHORIZING


async def test_sign_ins_exclude_each_other(stage: Stage) -> None:
    """In whichever way they come."""
    async with stage.open(provider=NATIVE) as connection:
        async with connection.authorize(device=True):
            for device in (True, False):
                with pytest.raises(SignInFailed) as refused:
                    await connection.sign_in(device=device, prompt=nobody)
                assert refused.value.case == "login-in-progress"
        assert connection.state is State.DISCONNECTED
    assert stage.asked(STARTS[NATIVE]) == 1


# Given up.


@either
async def test_leaving_the_block_cancels_the_attempt(stage: Stage, provider: str) -> None:
    """It is asked no more, and the next one may begin."""
    async with stage.open(provider=provider) as connection:
        async with connection.authorize(device=True):
            assert connection.state is State.AUTHORIZING
        assert connection.snapshot.state is State.DISCONNECTED
        await at_rest()
        polls = stage.asked(POLLS[provider])
        await anyio.sleep(3 * INTERVAL)
        assert stage.asked(POLLS[provider]) == polls
        await connection.sign_in(device=True, prompt=Typist(stage=stage))


async def test_cancelling_the_caller_cancels_the_attempt(stage: Stage) -> None:
    """While it waits for the person; nothing is left that would ask."""
    async with stage.open(provider=NATIVE) as connection:
        with anyio.CancelScope() as scope:

            async def give_up(attempt: Attempt) -> None:
                assert connection.state is State.AUTHORIZING
                scope.cancel()

            await connection.sign_in(device=True, prompt=give_up)
        assert scope.cancelled_caught
        assert connection.state is State.DISCONNECTED
        await at_rest()
        assert account_of(connection).attempt is None


@either
async def test_a_sign_in_is_whole_or_nothing_wherever_it_is_cancelled(stage: Stage, provider: str) -> None:
    """Either the session is held, or what was issued is revoked; the next attempt begins at once."""
    stage.sandbox.auto_approve = True
    async with stage.open(provider=provider) as connection:
        for number in count(1):
            came_to_it = await cancelled_at(number, connection.sign_in(device=True, prompt=nobody))
            await at_rest()
            assert account_of(connection).attempt is None
            if not came_to_it:
                assert number > 1, "it was never cancelled"
                break
            if connection.state is State.CONNECTED:
                await connection.sign_out()
            assert living(stage) == []
        assert await connection.get_access_token()


@either
async def test_the_older_session_is_well_wherever_it_is_cancelled(stage: Stage, provider: str) -> None:
    """Its refresh goes on meanwhile, and of neither is anything lost."""
    stage.sandbox.auto_approve = True
    async with stage.open(provider=provider) as connection:
        await connection.sign_in(device=True, prompt=nobody)
        for number in count(1):
            before = connection.snapshot.generation
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(connection.refresh)
                came_to_it = await cancelled_at(number, connection.sign_in(device=True, prompt=nobody))
            await at_rest()
            assert (account_of(connection).attempt, connection.state) == (None, State.CONNECTED)
            assert connection.snapshot.generation > before
            await connection.refresh()
            if not came_to_it:
                assert number > 1, "it was never cancelled"
                break


async def test_cancelled_during_the_poll_that_succeeds_the_tokens_are_revoked(stage: Stage) -> None:
    """The answer is the tokens: they came too late, and end at once."""
    stage.sandbox.auto_approve = True
    async with stage.open(provider=NATIVE) as connection:
        with stage.holding_back(POLLS[NATIVE]) as held:
            async with connection.authorize(device=True):
                await held.arrived()
            assert connection.state is State.DISCONNECTED
            assert len(living(stage)) == 1
            held.release()
            await at_rest()
        assert connection.state is State.DISCONNECTED
    assert living(stage) == []


async def test_cancelled_during_the_poll_that_succeeds_the_code_is_left_to_end(stage: Stage) -> None:
    """In the server's own flow nothing was issued yet."""
    stage.sandbox.auto_approve = True
    async with stage.open(provider=CODEX) as connection:
        with stage.holding_back(POLLS[CODEX]) as held:
            async with connection.authorize(device=True):
                await held.arrived()
            held.release()
            await at_rest()
        assert connection.state is State.DISCONNECTED
        assert stage.asked("/oauth/token") == 0
        await connection.sign_in(device=True, prompt=nobody)


async def test_signing_out_ends_it(stage: Stage) -> None:
    """What is granted after that is revoked."""
    stage.sandbox.auto_approve = True
    async with stage.open(provider=NATIVE) as connection:
        with stage.holding_back(POLLS[NATIVE]) as held:
            async with connection.authorize(device=True):
                await held.arrived()
                await connection.sign_out(revoke=False)
            held.release()
            await at_rest()
        assert connection.state is State.DISCONNECTED
    assert living(stage) == []


@either
async def test_killed_while_it_polls_it_makes_way(stage: Stage, provider: str, anyio_backend_name: str) -> None:
    """Nothing is left that keeps anybody from signing in, and its code signs nobody in."""
    command = [sys.executable, "-m", "tests.support.device_program", stage.home, provider, anyio_backend_name]
    async with await anyio.open_process(command, stderr=None) as other:
        assert other.stdout is not None
        user_code = (await other.stdout.receive()).decode().strip()
        async with stage.open(provider=provider) as connection:
            assert await failed(connection) == "login-in-progress"
            other.kill()
            await other.wait()
            await connection.sign_in(device=True, prompt=Typist(stage=stage))
            assert connection.state is State.CONNECTED
    await anyio.to_thread.run_sync(partial(stage.sandbox.approve_device, user_code))
    assert len(living(stage)) == 1


# Beside a refresh.


class HeldGrant(HttpxClient):
    """A request with this grant waits until it is let go."""

    def __init__(self, grant_type: str = "refresh_token") -> None:
        super().__init__()
        self._grant_type = grant_type
        self.arrived, self.let_go = threading.Event(), threading.Event()

    async def send(self, request: Request, *, seconds: float) -> Response:
        """As usual, but later."""
        if ("grant_type", self._grant_type) in (request.form or ()):
            self.arrived.set()
            assert await anyio.to_thread.run_sync(self.let_go.wait, PATIENCE)
        return await super().send(request, seconds=seconds)


async def test_what_is_granted_during_a_refresh_is_redeemed_after_it(stage: Stage) -> None:
    """One exchange at a time: the tokens wait, and are the account's in the end."""
    http = HeldGrant()
    async with stage.open(provider=NATIVE, http=http, prompt=Typist(stage=stage)) as connection:
        await connection.sign_in(device=True)
        async with anyio.create_task_group() as tasks, connection.authorize(device=True) as attempt:
            tasks.start_soon(connection.refresh)
            with watching(connection) as seen:
                await Typist(stage=stage)(attempt)
                await until(connection, lambda: any(each.trigger == "CodeReceived" for each in seen))
                assert connection.state is State.AUTHORIZING
                http.let_go.set()
                await attempt.done()
        assert connection.snapshot.generation == 3


async def test_what_is_granted_during_a_refresh_and_given_up_is_revoked(stage: Stage) -> None:
    """The tokens lay here and nobody had them redeemed; the older session goes on."""
    http = HeldGrant()
    async with stage.open(provider=NATIVE, http=http, prompt=Typist(stage=stage)) as connection:
        await connection.sign_in(device=True)
        async with anyio.create_task_group() as tasks:
            async with connection.authorize(device=True) as attempt:
                tasks.start_soon(connection.refresh)
                with watching(connection) as seen:
                    await Typist(stage=stage)(attempt)
                    await until(connection, lambda: any(each.trigger == "CodeReceived" for each in seen))
                assert len(living(stage)) == 2
            http.let_go.set()
        await at_rest()
        assert (connection.state, connection.snapshot.generation) == (State.CONNECTED, 2)
        account = account_of(connection)
        assert account.attempt is None
    assert len(living(stage)) == 1


async def test_what_cannot_be_revoked_breaks_nothing(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no descriptor left to send it with."""
    without_descriptors(monkeypatch, thread="signedin revocation")
    http = HeldGrant()
    async with stage.open(provider=NATIVE, http=http, prompt=Typist(stage=stage)) as connection:
        await connection.sign_in(device=True)
        async with anyio.create_task_group() as tasks:
            async with connection.authorize(device=True) as attempt:
                tasks.start_soon(connection.refresh)
                with watching(connection) as seen:
                    await Typist(stage=stage)(attempt)
                    await until(connection, lambda: any(each.trigger == "CodeReceived" for each in seen))
            http.let_go.set()
        await at_rest()
        assert (connection.state, connection.snapshot.generation) == (State.CONNECTED, 2)
    assert len(living(stage)) == 2


async def test_a_poll_keeps_no_refresh_waiting(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many wait for an answer: they take no place of those that exchanges have."""
    monkeypatch.setattr(exchange, "_places", threading.BoundedSemaphore(1))
    async with stage.open(provider=NATIVE, prompt=Typist(stage=stage)) as connection:
        await connection.sign_in(device=True)
        held = HeldGrant(GRANT_TYPE)
        async with stage.open(provider=NATIVE, app_name="Another", http=held) as other, other.authorize(device=True):
            assert await anyio.to_thread.run_sync(held.arrived.wait, PATIENCE)
            with anyio.fail_after(PATIENCE / 2):
                await connection.refresh()
            held.let_go.set()
