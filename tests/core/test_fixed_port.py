"""A provider that has one port registered: of two sign-ins at once the newer one gets it, and nothing is lost."""

import anyio
import pytest
from tests.support.stage import PATIENCE, TOKEN, PastingVisitor, Stage, case_of, watching
from tests.support.taken_ports import foreign

from signedin import SignInFailed, State
from signedin.testing.free_ports import free_ports
from signedin_adapters.loopback import listen

TAKEN_OVER = "port-in-use-own-attempt"


@pytest.fixture
def port() -> int:
    """The registered port."""
    return free_ports(1)[0]


async def test_the_newer_of_two_sign_ins_gets_the_port(stage: Stage, port: int) -> None:
    """The older one ends with a case of its own, and may be begun again."""
    async with (
        stage.open() as connection,
        connection.authorize(ports=(port,)) as older,
        stage.open(app_name="Another app") as other,
    ):
        await other.sign_in(ports=(port,))
        assert other.state is State.CONNECTED
        with anyio.fail_after(PATIENCE), pytest.raises(SignInFailed) as ended:
            await older.done()
        assert ended.value.case == case_of(connection) == TAKEN_OVER
        assert connection.needs_sign_in
        await connection.sign_in(ports=(port,))
        assert connection.state is State.CONNECTED


async def test_a_session_that_is_held_outlives_the_takeover(stage: Stage, port: int) -> None:
    """Signing in again is given up; being signed in is not."""
    async with stage.signed_in() as connection, stage.open(app_name="Another app") as other:
        with watching(connection) as seen:
            async with connection.authorize(ports=(port,)) as older:
                await other.sign_in(ports=(port,))
                with anyio.fail_after(PATIENCE), pytest.raises(SignInFailed):
                    await older.done()
        assert (seen[-1].trigger, seen[-1].state, seen[-1].case) == ("SignInFailed", State.CONNECTED, TAKEN_OVER)
        await connection.get_access_token()


async def test_a_code_that_was_pasted_is_redeemed_without_the_port(stage: Stage, port: int) -> None:
    """Its exchange runs already and needs no browser: the port goes to the newer sign-in, the session to the older."""
    visitor = PastingVisitor(sandbox=stage.sandbox)
    opened = listen(host="127.0.0.1", ports=(port,), path="/auth/callback", app_name="Newer", home=stage.home)
    with stage.holding_back(TOKEN) as held:
        async with stage.open() as connection, connection.authorize(ports=(port,)) as older:
            await visitor(older)
            await held.arrived()
            async with opened as newer:
                assert newer.redirect_uri == f"http://127.0.0.1:{port}/auth/callback"
                held.release()
                with anyio.fail_after(PATIENCE):
                    await older.done()
            assert connection.state is State.CONNECTED


async def test_a_code_that_the_browser_brought_keeps_the_port(stage: Stage, port: int) -> None:
    """Until the browser was told how it ended, the newer sign-in has the next port."""
    (second,) = free_ports(1)
    opened = listen(host="127.0.0.1", ports=(port, second), path="/auth/callback", app_name="Newer", home=stage.home)
    with stage.holding_back(TOKEN) as held:
        async with stage.open() as connection, anyio.create_task_group() as tasks:
            async with connection.authorize(ports=(port,)) as older:
                tasks.start_soon(stage.visitor(), older)
                await held.arrived()
                async with opened as newer:
                    assert newer.redirect_uri == f"http://127.0.0.1:{second}/auth/callback"
                    held.release()
                    with anyio.fail_after(PATIENCE):
                        await older.done()
            assert connection.state is State.CONNECTED


async def test_another_program_is_named_and_nothing_is_changed(stage: Stage, port: int) -> None:
    """Before any browser opens, with the process that has the port."""
    with foreign(port) as tool:
        async with stage.open() as connection:
            with pytest.raises(SignInFailed, match=rf"Port {port} .* \(process {tool.pid}\)") as refused:
                await connection.sign_in(ports=(port,))
            assert refused.value.case == "port-in-use-other-tool"
            assert connection.state is State.DISCONNECTED
