"""One account in one process: one exchange for all who wait, no exchange lost, nothing running while idle."""

import asyncio
import gc
import math
import threading
import weakref
from contextlib import AsyncExitStack
from functools import partial
from typing import Any

import anyio
import httpx
import pytest
import trio
from sniffio import current_async_library
from tests.support.stage import PATIENCE, TOKEN, Stage, until, watching

from signedin import Attempt, Connection, Flag, SignInFailed, State, Transition
from signedin.connection import account_of

RAN_OUT = 86400.0


async def signed_in(stage: Stage) -> Connection:
    """A connection that outlives the loop it was made in."""
    connection = await stage.open()
    await connection.sign_in()
    return connection


async def generation_on_disk(stage: Stage) -> int:
    """What a new process would find."""
    async with stage.elsewhere() as connection:
        return connection.snapshot.generation


def token_for_a_thread(connection: Connection) -> str:
    """The token as a synchronous client gets it."""
    flow = connection.auth.sync_auth_flow(httpx.Request("GET", f"{connection.api_base}/models"))
    return next(flow).headers["Authorization"].removeprefix("Bearer ")


def our_threads() -> list[str]:
    """Threads of this library that are alive."""
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("signedin ")]


async def no_threads_of_ours() -> None:
    """Wait until what was started has ended."""
    with anyio.fail_after(PATIENCE):
        while our_threads():  # noqa: ASYNC110 - threads set no event when they end
            await anyio.sleep(0.005)


def timers() -> int:
    """What the event loop of the test waits for by the clock; of trio it is known only whether there is something."""
    if current_async_library() == "trio":
        return int(trio.lowlevel.current_statistics().seconds_to_next_deadline < math.inf)
    loop: Any = asyncio.get_running_loop()
    return sum(not timer.cancelled() for timer in loop._scheduled)


def test_fifty_waiters_in_three_worlds_share_one_exchange(stage: Stage) -> None:
    """asyncio, trio and plain threads wait at once for the same refresh and all get its token."""
    tokens: list[str] = []
    connection = anyio.run(signed_in, stage)
    stage.clock.advance(RAN_OUT)
    stage.sandbox.requests.clear()

    async def wait_for_a_token() -> None:
        tokens.append((await connection.get_access_token()).reveal())

    async def seventeen_tasks() -> None:
        async with anyio.create_task_group() as tasks:
            for _ in range(17):
                tasks.start_soon(wait_for_a_token)

    worlds = [partial(anyio.run, seventeen_tasks, backend=backend) for backend in ("asyncio", "trio")]
    threads = [threading.Thread(target=world) for world in worlds]
    threads += [threading.Thread(target=lambda: tokens.append(token_for_a_thread(connection))) for _ in range(16)]
    with stage.holding_back(TOKEN) as held:
        for thread in threads:
            thread.start()
        held.wait_for_arrival()
        held.release()
        for thread in threads:
            thread.join(PATIENCE)
    assert len(tokens) == 50
    assert len(set(tokens)) == 1
    assert stage.refreshes == 1


async def test_giving_up_waiting_does_not_end_the_exchange(stage: Stage) -> None:
    """The first waiter times out; the refresh it asked for ends, is committed, and serves the second."""
    async with stage.signed_in() as connection:
        stage.clock.advance(RAN_OUT)
        with stage.holding_back(TOKEN) as held:
            with anyio.move_on_after(0.05):
                await connection.get_access_token()
            await held.arrived()
            held.release()
            await connection.get_access_token()
        assert connection.snapshot.generation == 2
    assert stage.refreshes == 1


async def test_cancelling_a_scope_of_many_waiters_ends_none_of_it(stage: Stage) -> None:
    """All who asked are gone; what they asked for still arrives."""
    async with stage.signed_in() as connection:
        stage.clock.advance(RAN_OUT)
        with stage.holding_back(TOKEN) as held:
            async with anyio.create_task_group() as tasks:
                for _ in range(5):
                    tasks.start_soon(connection.get_access_token)
                await held.arrived()
                tasks.cancel_scope.cancel()
            held.release()
            await until(connection, lambda: connection.snapshot.generation == 2)
    assert stage.refreshes == 1


def test_native_wait_for_does_not_end_the_exchange(stage: Stage) -> None:
    """`asyncio.wait_for` cancels its waiter in asyncio's own way."""

    async def main() -> None:
        async with stage.signed_in() as connection:
            stage.clock.advance(RAN_OUT)
            with stage.holding_back(TOKEN) as held:
                with pytest.raises(TimeoutError):
                    await asyncio.wait_for(connection.get_access_token(), 0.05)
                held.release()
                await connection.get_access_token()
            assert connection.snapshot.generation == 2

    asyncio.run(main())
    assert stage.refreshes == 1


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_closed_loop_does_not_end_the_exchange(stage: Stage, backend: str) -> None:
    """The loop that asked is closed before the answer comes; the answer is committed, and any other loop uses it."""
    connection = anyio.run(signed_in, stage)
    stage.clock.advance(RAN_OUT)

    async def ask_and_leave() -> None:
        with anyio.move_on_after(0.05):
            await connection.get_access_token()

    with stage.holding_back(TOKEN) as held:
        anyio.run(ask_and_leave, backend=backend)
        held.wait_for_arrival()
        held.release()
        anyio.run(connection.get_access_token, backend=backend)
    assert connection.snapshot.generation == 2
    assert anyio.run(generation_on_disk, stage) == 2


async def test_nothing_runs_while_idle(stage: Stage) -> None:
    """Signed in and left alone, the library has no thread, task or timer."""
    async with stage.signed_in():
        await no_threads_of_ours()


async def test_nothing_runs_however_many_accounts_are_idle(stage: Stage) -> None:
    """None of them adds a thread, a task or a timer."""
    async with AsyncExitStack() as opened:
        await opened.enter_async_context(stage.signed_in(account="label 0", new=True))
        await no_threads_of_ours()
        running = anyio.get_running_tasks(), timers()
        for number in (1, 2, 3):
            await opened.enter_async_context(stage.signed_in(account=f"label {number}", new=True))
        await no_threads_of_ours()
        assert (anyio.get_running_tasks(), timers()) == running


async def test_one_thread_runs_while_somebody_listens(stage: Stage) -> None:
    """However many listen; it ends with the last of them."""
    async with stage.signed_in() as connection:
        await no_threads_of_ours()
        one, other = connection.subscribe(print), connection.subscribe(print)
        assert our_threads() == ["signedin deadlines"]
        one.close()
        assert our_threads() == ["signedin deadlines"]
        other.close()
        await no_threads_of_ours()


async def test_while_somebody_listens_the_token_is_renewed_by_itself(stage: Stage) -> None:
    """Nobody asks for a token, and it is fresh all the same."""
    stage.sandbox.access_ttl = 1
    async with stage.signed_in() as connection:
        await until(connection, lambda: connection.snapshot.generation == 2)
    assert stage.refreshes == 1


async def test_an_idle_account_is_collected(stage: Stage) -> None:
    """Without a handle there is no account object, and opening makes a new one."""
    async with stage.signed_in() as connection:
        await no_threads_of_ours()
        account = weakref.ref(account_of(connection))
    del connection
    gc.collect()
    assert account() is None


async def test_nothing_of_a_session_is_ever_shown(stage: Stage) -> None:
    """Neither by the account, nor its context, nor any transition."""
    async with stage.open() as connection:
        with watching(connection) as seen:
            await connection.sign_in()
            await connection.refresh()
            await connection.sign_out()
        async with stage.signed_in() as again:
            account = account_of(again)
            session = account.context.session
            assert session is not None
            shown = f"{seen} {account!r} {account.context!r} {again.snapshot!r} {session!r} {vars(account)!r}"
    for secret in (session.access_token, session.refresh_token, session.id_token):
        assert secret is not None
        assert secret.reveal() not in shown
    assert "eyJ" not in shown
    assert "rt_" not in shown


async def test_a_flag_is_noted_for_other_processes(stage: Stage) -> None:
    """What status shows without a connection."""
    async with stage.signed_in() as connection:
        stage.sandbox.faults.inject("api-429-limit")
        async with connection.client() as client:
            await client.get("/models")
    stage.restart()
    async with stage.open() as connection:
        assert Flag.USAGE_PAUSED in connection.flags


async def test_ctrl_c_in_a_listener_loses_no_exchange(stage: Stage) -> None:
    """It reaches whoever made the step, and what the step commanded is done."""

    def interrupted(transition: Transition) -> None:
        if transition.trigger == "RefreshRequested":
            raise KeyboardInterrupt

    async with stage.signed_in() as connection:
        with connection.subscribe(interrupted), pytest.raises(KeyboardInterrupt):
            await connection.refresh()
        await connection.refresh()
        assert connection.snapshot.generation >= 2
        assert connection.state is State.CONNECTED


async def test_a_fault_of_ours_frees_the_slot(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """An exchange that breaks is an Error of its own kind, waiters go on, and the credential is kept."""

    def broken(*_: object) -> None:
        raise RuntimeError

    async with stage.signed_in() as connection:
        with monkeypatch.context() as patch:
            patch.setattr("signedin.rotation.Rotation.run", broken)
            with pytest.raises(Exception, match="inside"):
                await connection.refresh()
            assert connection.state is State.ERROR
        await connection.refresh()
        assert connection.snapshot.state is State.CONNECTED


@pytest.mark.parametrize("looked_at", [True, False])
def test_a_sign_in_whose_loop_died_is_over_at_its_deadline(stage: Stage, looked_at: bool) -> None:
    """The task that kept the deadline is gone, and the next sign-in begins all the same."""

    async def nobody_comes(_: Attempt) -> None:
        await anyio.sleep_forever()

    async def begun() -> None:
        while account_of(connection).state is not State.AUTHORIZING:  # noqa: ASYNC110 - a listener would start a thread
            await asyncio.sleep(0.005)

    async def opened() -> Connection:
        return await stage.open()

    connection = anyio.run(opened)
    loop = asyncio.new_event_loop()
    stuck = loop.create_task(connection.sign_in(prompt=nobody_comes, seconds=30))
    loop.run_until_complete(begun())
    stage.clock.advance(30)
    if looked_at:
        assert connection.state is State.DISCONNECTED
        assert connection.case is not None
        assert connection.case.id == "callback-never-arrives"
    anyio.run(connection.sign_in)
    assert connection.state is State.CONNECTED
    with pytest.raises(SignInFailed):
        loop.run_until_complete(stuck)
    loop.close()
