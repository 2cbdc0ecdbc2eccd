"""One attempt to sign in: how it ends, what the browser shows, and what was there before."""

from dataclasses import replace
from functools import partial
from urllib.parse import parse_qs, urlsplit

import anyio
import pytest
from tests.support.stage import PATIENCE, REVOKE, TOKEN, PastingVisitor, Stage, browse, first_answer, until, watching

from signedin import AccountRecord, Attempt, Connection, Flag, SignInFailed, State, Transition, sign_in
from signedin.attempt import asks_of
from signedin.errors import StoreError, TransportFailed
from signedin.oauth.callback import CallbackRejected
from signedin_adapters.stores.files import FileStore


def query_of(attempt: Attempt) -> dict[str, str]:
    """What the authorization URL asks for."""
    return {name: values[0] for name, values in parse_qs(urlsplit(attempt.url).query).items()}


async def failed(connection: Connection, **settings: object) -> str:
    """The case that a sign-in fails with."""
    with pytest.raises(SignInFailed) as refused:
        await connection.sign_in(**settings)  # type: ignore[arg-type]
    return refused.value.case


async def never_comes(attempt: Attempt) -> None:
    """A person who closed the tab."""
    await anyio.sleep_forever()


# Well.


async def test_signing_in_through_the_browser(stage: Stage) -> None:
    """Disconnected, Authorizing, Connected; the browser's last page says who is signed in to what."""
    visitor = stage.visitor()
    async with stage.open() as connection:
        with watching(connection) as seen:
            await connection.sign_in(prompt=visitor)
        assert connection.state is State.CONNECTED
    assert [(each.trigger, each.state) for each in seen if each.visible] == [
        ("SignInRequested", State.AUTHORIZING),
        ("SessionCommitted", State.CONNECTED),
    ]
    assert visitor.status == 200
    assert "Acme Notes is signed in" in visitor.page
    assert "ada@example.com" in visitor.page


async def test_signing_in_by_pasting(stage: Stage) -> None:
    """Where the browser cannot reach this machine, its last address is as good."""
    async with stage.open() as connection:
        await connection.sign_in(prompt=PastingVisitor(sandbox=stage.sandbox))
        assert connection.state is State.CONNECTED


async def test_the_browser_is_told_of_success_only_after_the_commit(stage: Stage) -> None:
    """While the session is being written, the page waits; when it says so, the session is on disk."""
    visitor = stage.visitor()
    async with stage.open() as connection, connection.authorize() as attempt:
        await visitor(attempt)
        assert "is signed in" in visitor.page
        async with stage.elsewhere() as other:
            assert other.snapshot.generation == 1


async def test_the_short_address_leads_to_the_long_one(stage: Stage) -> None:
    """What can be typed by hand goes the same way."""
    async with stage.open() as connection, connection.authorize() as attempt:
        await anyio.to_thread.run_sync(browse, attempt.short_url or "")
        await attempt.done()
        assert connection.state is State.CONNECTED


async def test_an_attempt_says_what_the_user_will_be_asked(stage: Stage) -> None:
    """In plain words, before the browser opens."""
    async with stage.open() as connection, connection.authorize() as attempt:
        assert attempt.asks == (
            "see your name",
            "see your e-mail address",
            "stay signed in",
            "use your ChatGPT plan for its requests",
        )
        assert attempt.ways == ("browser", "paste")
        assert attempt.user_code is None
    assert asks_of(("openid", "files.read")) == ("files.read",)


# What comes back and is not ours.


async def test_a_forged_callback_changes_nothing(stage: Stage) -> None:
    """Answered 400, counted, and the real one still counts."""
    async with stage.open() as connection, connection.authorize() as attempt:
        forged = f"{attempt.short_url}auth/callback?code=evil&state=guessed"
        with watching(connection) as seen:
            answers = [await anyio.to_thread.run_sync(browse, forged) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [400] * 3
        assert [each.trigger for each in seen] == ["CallbackRejected"] * 3
        assert not any(each.visible for each in seen)
        await stage.visitor()(attempt)
        await attempt.done()
        assert connection.state is State.CONNECTED


async def test_a_flood_of_forgeries_does_not_flood_the_log(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first are told of one by one, the rest are only turned away."""
    monkeypatch.setattr(sign_in, "REJECTIONS", 3)
    async with stage.open() as connection, connection.authorize() as attempt:
        with watching(connection) as seen:
            for _ in range(5):
                with pytest.raises(CallbackRejected):
                    await attempt.submit(f"{attempt.short_url}auth/callback?code=evil&state=guessed")
        assert [each.trigger for each in seen] == ["CallbackRejected"] * 3


async def test_a_replayed_callback_is_refused(stage: Stage) -> None:
    """The code counts once, also while the first is being redeemed."""
    async with stage.open() as connection, connection.authorize() as attempt:
        callback_url = await stage.visitor().decide(attempt)
        with stage.holding_back(TOKEN) as held:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(anyio.to_thread.run_sync, browse, callback_url)
                await held.arrived()
                answer = await anyio.to_thread.run_sync(browse, callback_url)
                assert answer.status_code == 400
                held.release()
        await attempt.done()
    assert stage.refreshes == 1


async def test_a_wrong_paste_is_named_and_ends_nothing(stage: Stage) -> None:
    """The person may try again; nothing came, so there is nothing that the log could tell."""
    async with stage.open() as connection, connection.authorize() as attempt:
        with watching(connection) as seen, pytest.raises(CallbackRejected):
            await attempt.submit("https://example.com/?code=1&state=2")
        assert not seen
        assert connection.state is State.AUTHORIZING
        await PastingVisitor(sandbox=stage.sandbox)(attempt)
        await attempt.done()


async def test_a_callback_for_another_client_is_refused(stage: Stage) -> None:
    """A registration that was issued already may only be repeated."""
    async with stage.signed_in() as connection:
        stage.sandbox.faults.inject("callback-foreign-client")
        assert await failed(connection) == "registration-mismatch"
        assert connection.state is State.CONNECTED


async def test_a_callback_without_the_issued_id_is_incomplete(stage: Stage) -> None:
    """Nothing is redeemed with the id that only asked."""
    async with stage.open() as connection:
        stage.sandbox.faults.inject("callback-no-client-id")
        assert await failed(connection) == "registration-incomplete"
    assert stage.refreshes == 0


# Given up.


async def test_denied_it_returns_to_where_it_came_from(stage: Stage) -> None:
    """And says that it was the user; nothing was redeemed."""
    stage.sandbox.auto_approve = False
    visitor = stage.visitor(deny=True)
    async with stage.open() as connection:
        assert await failed(connection, prompt=visitor) == "user-denied-consent"
        assert connection.state is State.DISCONNECTED
        assert connection.case is not None
        assert connection.case.id == "user-denied-consent"
    assert "You declined" in visitor.page
    assert stage.refreshes == 0


async def test_a_failure_is_shown_although_the_caller_hears_of_it_at_once(stage: Stage) -> None:
    """`sign_in` raises, and a browser that asks for its last page a moment later still gets it."""
    stage.sandbox.auto_approve = False
    attempts, begun, pages = list[Attempt](), anyio.Event(), list[str]()

    async def prompt(attempt: Attempt) -> None:
        attempts.append(attempt)
        begun.set()

    async def decline() -> None:
        await begun.wait()
        callback_url = await stage.visitor(deny=True).decide(attempts[0])
        sent_on = await anyio.to_thread.run_sync(first_answer, callback_url)
        await anyio.wait_all_tasks_blocked()
        last = await anyio.to_thread.run_sync(browse, f"{attempts[0].short_url}{sent_on.headers['location'][1:]}")
        pages.append(last.text)

    async with stage.open() as connection, anyio.create_task_group() as tasks:
        tasks.start_soon(decline)
        assert await failed(connection, prompt=prompt) == "user-denied-consent"
    assert "You declined" in pages[0]


async def test_timed_out_it_returns_to_where_it_came_from(stage: Stage) -> None:
    """Every attempt has a deadline."""
    async with stage.signed_in() as connection:
        before = await connection.get_access_token()
        assert await failed(connection, prompt=never_comes, seconds=0.05) == "callback-never-arrives"
        assert connection.state is State.CONNECTED
        assert await connection.get_access_token() == before


async def test_leaving_the_block_cancels_the_attempt(stage: Stage) -> None:
    """An attempt never outlives who asked for it, nor does its port."""
    async with stage.open() as connection:
        async with connection.authorize() as attempt:
            assert connection.state is State.AUTHORIZING
            short_url = attempt.short_url or ""
        assert connection.snapshot.state is State.DISCONNECTED
        with pytest.raises(Exception, match="refused"):
            await anyio.to_thread.run_sync(browse, short_url)


async def test_cancel_ends_it_for_whoever_waits(stage: Stage) -> None:
    """From any task."""
    async with stage.open() as connection:

        async def give_up(attempt: Attempt) -> None:
            attempt.cancel()
            attempt.cancel()

        assert await failed(connection, prompt=give_up) == "login-cancelled"


async def test_cancelling_the_caller_cancels_the_attempt(stage: Stage) -> None:
    """The way of asyncio and trio."""
    async with stage.open() as connection:
        with anyio.move_on_after(0.1):
            await connection.sign_in(prompt=never_comes)
        assert connection.state is State.DISCONNECTED


async def test_a_prompt_that_fails_raises_its_own_error(stage: Stage) -> None:
    """Not a group of it."""

    async def broken(_: Attempt) -> None:
        raise ZeroDivisionError

    async with stage.open() as connection:
        with pytest.raises(ZeroDivisionError):
            await connection.sign_in(prompt=broken)
        assert connection.state is State.DISCONNECTED


async def test_a_body_that_raises_a_group_raises_that_group(stage: Stage) -> None:
    """What the caller raised comes out as it was."""
    mine = ExceptionGroup("mine", [ZeroDivisionError(), ExceptionGroup("inner", [KeyError()])])
    async with stage.open() as connection:
        with pytest.raises(ExceptionGroup) as raised:
            async with connection.authorize():
                raise mine
    assert repr(raised.value) == repr(mine)


async def test_an_attempt_that_failed_is_remembered(stage: Stage) -> None:
    """For whoever asks later what became of it."""
    async with stage.signed_in() as connection:
        await connection.sign_out()
        await failed(connection, prompt=never_comes, seconds=0.05)
    stage.restart()
    async with stage.open() as connection:
        assert connection.case is not None
        assert connection.case.id == "callback-never-arrives"
        await connection.sign_in()
        assert connection.case is None


# Given up while the code is redeemed.


async def test_cancelled_while_the_code_is_redeemed_the_tokens_are_revoked(stage: Stage) -> None:
    """Nobody waits for them any more, and the provider is told so."""
    async with stage.open() as connection:
        with stage.holding_back(TOKEN) as held:
            async with connection.authorize() as attempt, anyio.create_task_group() as tasks:
                tasks.start_soon(stage.visitor(), attempt)
                await held.arrived()
                attempt.cancel()
                assert connection.state is State.DISCONNECTED
                held.release()
        await _revoked(stage)
        assert connection.state is State.DISCONNECTED
    assert all(grant.ended == "revoked" for grant in stage.sandbox.grants.all()[-1:])


async def test_signed_out_while_the_code_is_redeemed_nobody_is_signed_in(stage: Stage) -> None:
    """The late session never comes back."""
    async with stage.open() as connection:
        with stage.holding_back(TOKEN) as held:
            async with connection.authorize() as attempt, anyio.create_task_group() as tasks:
                tasks.start_soon(stage.visitor(), attempt)
                await held.arrived()
                ending = connection._account.sign_out(revoke=True)
                held.release()
        await anyio.to_thread.run_sync(partial(ending.result, PATIENCE))
        await _revoked(stage)
        assert connection.state is State.DISCONNECTED
    async with stage.elsewhere() as other:
        assert other.state is State.DISCONNECTED


async def _revoked(stage: Stage) -> None:
    with anyio.fail_after(PATIENCE):
        while not stage.asked(REVOKE):  # noqa: ASYNC110 - the sandbox runs in a thread of its own
            await anyio.sleep(0.005)


# Over a living session.


async def test_refreshes_are_served_while_an_attempt_runs(stage: Stage) -> None:
    """Signing in again takes nothing away meanwhile."""
    async with stage.signed_in() as connection, connection.authorize(seconds=86400):
        old = await connection.get_access_token()
        stage.clock.advance(3600)
        assert await connection.get_access_token() != old
        assert connection.state is State.AUTHORIZING


async def test_an_attempt_and_a_token_that_ran_out_together_are_both_seen_to(stage: Stage) -> None:
    """After a long sleep of the machine: the attempt is over, and the token is renewed all the same."""
    async with stage.signed_in() as connection, connection.authorize(seconds=600) as attempt:
        old = await connection.get_access_token()
        stage.clock.advance(3600)
        assert await connection.get_access_token() != old
        assert connection.state is State.CONNECTED
        with pytest.raises(SignInFailed):
            await attempt.done()


async def test_signing_in_again_uses_the_issued_id_and_the_same_host(stage: Stage) -> None:
    """The user's list of connected apps does not grow, and the account is the same."""
    async with stage.open() as connection:
        async with connection.authorize() as attempt:
            first = query_of(attempt)
            await stage.visitor()(attempt)
            await attempt.done()
        account_id = connection.snapshot.account_id
        async with connection.authorize() as attempt:
            again = query_of(attempt)
            await stage.visitor()(attempt)
            await attempt.done()
        assert connection.snapshot.account_id == account_id
        assert connection.snapshot.generation == 2
    assert first["client_id"] == "dynamic_agent_client"
    assert first["agent_name_hint"] == "Acme Notes"
    assert again["client_id"].startswith("oaiapp_")
    assert "agent_name_hint" not in again
    assert again["login_hint"] == "ada@example.com"
    assert first["ext_agent_host_id"] == again["ext_agent_host_id"]
    for fresh in ("state", "nonce", "code_challenge"):
        assert first[fresh] != again[fresh]


async def test_a_sign_in_after_a_sign_out_uses_the_kept_registration(stage: Stage) -> None:
    """The registration outlives the session."""
    async with stage.signed_in() as connection:
        await connection.sign_out()
        async with connection.authorize() as attempt:
            assert query_of(attempt)["client_id"].startswith("oaiapp_")


async def test_enabling_the_plan_asks_for_consent_again(stage: Stage) -> None:
    """Plan use that was declined is asked for once more, with the same registration."""
    stage.sandbox.auto_approve = False
    async with stage.open() as connection:
        await connection.sign_in(prompt=stage.visitor(allow_plan=False))
        assert connection.state is State.CONNECTED
        assert connection.snapshot.plan_enabled is False
        assert Flag.PLAN_ENABLED not in connection.flags
        assert not connection.snapshot.notice_due
        asked: list[str] = []

        async def allow(attempt: Attempt) -> None:
            asked.append(query_of(attempt)["prompt"])
            await stage.visitor()(attempt)

        connection._prompt = allow
        await connection.enable_plan()
        assert connection.snapshot.plan_enabled
        assert asked == ["consent"]


# What stands in the way before the browser opens.


async def test_a_store_that_cannot_be_written_is_found_before_the_browser_opens(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is asked of the user that could not be kept."""

    def full() -> None:
        raise StoreError("No space.", case="disk-full-or-readonly")

    async with stage.open() as connection:
        monkeypatch.setattr(connection._account.store, "probe", full)
        with pytest.raises(StoreError) as refused:
            await connection.sign_in(prompt=never_comes)
        assert refused.value.case == "disk-full-or-readonly"
        assert connection.state is State.DISCONNECTED


async def test_an_unreachable_provider_is_found_before_the_browser_opens(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Discovery is tried again a few times, then said to be out of reach."""
    monkeypatch.setattr("signedin.authorization_server.KEYS_PAUSES", (0.0, 0.0))
    provider = replace((await stage.open()).provider, issuer="http://127.0.0.1:9")
    async with stage.open(provider=provider, app_name="Elsewhere") as connection:
        with pytest.raises(TransportFailed) as refused:
            await connection.sign_in(prompt=never_comes)
        assert refused.value.case == "offline"
        assert connection.state is State.DISCONNECTED


async def test_discovery_is_asked_again_after_an_outage(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A moment's trouble is nobody's to see."""
    monkeypatch.setattr("signedin.authorization_server.KEYS_PAUSES", (0.0, 0.0))
    stage.sandbox.faults.inject("discovery-503", 2)
    async with stage.signed_in() as connection:
        assert connection.state is State.CONNECTED


async def test_a_taken_port_is_named(stage: Stage) -> None:
    """Where only one port may be used, and another program has it."""
    async with stage.open() as connection, connection.authorize() as attempt:
        port = urlsplit(attempt.short_url).port
        assert port is not None
        async with stage.open(app_name="Another app") as other:
            assert await failed(other, ports=(port,)) == "port-in-use-other-tool"


# What the store does in the end.


async def test_a_session_that_cannot_be_saved_is_said_to_be_so(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Connected, with degraded storage; the browser's page does not claim more than is true."""
    visitor = stage.visitor()
    async with stage.open() as connection:
        _refuse_commits(connection, monkeypatch)
        await connection.sign_in(prompt=visitor)
        assert connection.state is State.CONNECTED
        assert Flag.STORAGE_DEGRADED in connection.flags
        assert connection.case is not None
        assert connection.case.id == "persist-failed-at-login"
        await connection.get_access_token()
    assert "Signed in, but not saved" in visitor.page


async def test_what_could_not_be_saved_at_first_is_saved_by_the_next_refresh(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the storage is well again."""
    async with stage.open() as connection:
        with monkeypatch.context() as patch:
            _refuse_commits(connection, patch)
            await connection.sign_in()
        await connection.refresh()
        assert Flag.STORAGE_DEGRADED not in connection.flags
        token, generation = await connection.get_access_token(), connection.snapshot.generation
    async with stage.elsewhere() as other:
        assert other.snapshot.generation == generation
        assert await other.get_access_token() == token


def _refuse_commits(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise StoreError("No space.", case="disk-full-or-readonly")

    monkeypatch.setattr("signedin_adapters.stores.claim.FileClaim.commit", full)


async def test_the_state_moves_on_in_another_task(stage: Stage) -> None:
    """Whoever listens hears of it while somebody else signs in."""
    async with stage.open() as connection, anyio.create_task_group() as tasks:
        tasks.start_soon(connection.sign_in)
        await until(connection, lambda: connection.state is State.CONNECTED)


async def test_cancelled_between_the_code_and_its_exchange(stage: Stage) -> None:
    """What the code's step commands was bound with the step: the exchange runs, its tokens are revoked, all goes on."""
    begun: list[Attempt] = []

    def cancel(transition: Transition) -> None:
        if transition.trigger == "CodeReceived":
            begun[0].cancel()

    async def prompt(attempt: Attempt) -> None:
        begun.append(attempt)
        await stage.visitor()(attempt)

    async with stage.open() as connection:
        with connection.subscribe(cancel), pytest.raises(SignInFailed):
            await connection.sign_in(prompt=prompt)
        await until(connection, lambda: connection._account.context.exchange is None)
        await connection.sign_in()
        assert connection.state is State.CONNECTED


async def test_signed_out_by_a_listener_in_mid_sign_in(stage: Stage) -> None:
    """The sign-in is over, and the next one finds the way free."""
    async with stage.signed_in() as connection:

        def leave(transition: Transition) -> None:
            if transition.trigger == "CodeReceived":
                connection._account.sign_out(revoke=False)

        with connection.subscribe(leave), pytest.raises(SignInFailed):
            await connection.sign_in()
        await until(connection, lambda: connection._account.context.exchange is None)
        await connection.sign_in()
        assert connection.state is State.CONNECTED


async def test_a_refused_user_leaves_no_trace_on_the_account(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the wrong person, the right one can still sign in with the same handle."""
    save_record = FileStore.save_record

    def refuse_ada(store: FileStore, record: AccountRecord) -> None:
        if record.email == "ada@example.com":
            raise StoreError("This user has an account already.", case="account-exists-already")
        save_record(store, record)

    monkeypatch.setattr(FileStore, "save_record", refuse_ada)
    async with stage.open() as connection:
        with pytest.raises(SignInFailed):
            await connection.sign_in()
        assert connection.snapshot.email is None
