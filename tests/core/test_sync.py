"""The same surface for threads: in scripts, in running loops, in many threads, in forked children, under Ctrl-C."""

import inspect
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from tests.support.stage import APP, PATIENCE, Stage, browse

import signedin
from signedin import InteractionRequired, MisuseError, SignInFailed, State, sync
from signedin.oauth.callback import CallbackRejected
from signedin.sync import ask, event_loop, models, usage

OURS = {name for name in vars(signedin.Connection) if not name.startswith("_")}


def opened(stage: Stage) -> sync.Connection:
    return sync.Connection.open(
        app_name=APP,
        provider="sandbox",
        home=stage.home,
        prompt=stage.visitor(),
        clock=stage.clock,
        http=stage.http,
    )


@pytest.fixture
def connection(stage: Stage) -> Iterator[sync.Connection]:
    """Ada is signed in."""
    with opened(stage) as connection:
        connection.sign_in()
        stage.sandbox.requests.clear()
        yield connection


# The surface.


def test_it_has_the_same_members() -> None:
    """One name differs, as it does in Python's own libraries."""
    plain = {name for name in vars(sync.Connection) if not name.startswith("_")}
    assert plain == OURS - {"aclose"} | {"close"}


@pytest.mark.parametrize("name", sorted(OURS - {"aclose"}))
def test_every_member_is_used_alike_and_awaited_never(name: str) -> None:
    """Properties are properties, and methods take the same arguments."""
    theirs, plain = inspect.getattr_static(signedin.Connection, name), inspect.getattr_static(sync.Connection, name)
    assert type(plain) is type(theirs)
    assert inspect.getdoc(plain)
    if not isinstance(plain, property):
        theirs, plain = getattr(signedin.Connection, name), getattr(sync.Connection, name)
        assert not inspect.iscoroutinefunction(plain)
        assert inspect.signature(plain).parameters == inspect.signature(theirs).parameters


def test_every_exported_name_says_what_it_is() -> None:
    """Sorted, and with docstrings."""
    assert sync.__all__ == sorted(sync.__all__)
    assert all(getattr(sync, name).__doc__ for name in sync.__all__)


# A script.


def test_a_script_signs_in_uses_and_signs_out(stage: Stage) -> None:
    """The whole way without an `await`."""
    with opened(stage) as connection:
        assert connection.needs_sign_in
        with pytest.raises(InteractionRequired):
            connection.get_access_token()
        connection.ensure_signed_in()
        token = connection.get_access_token()
        connection.refresh()
        assert connection.get_access_token() != token
        with connection.client() as client:
            assert client.get("/models").status_code == 200
        assert connection.sign_out() is True
        assert connection.state is State.DISCONNECTED


def test_a_token_that_runs_out_is_waited_for(connection: sync.Connection, stage: Stage) -> None:
    """As the async one does."""
    old = connection.get_access_token()
    stage.clock.advance(3600)
    assert connection.get_access_token() != old
    assert stage.refreshes == 1


def test_models_asking_and_usage(connection: sync.Connection) -> None:
    """In one piece, and piece by piece; left early, an answer has ended."""
    assert [model.id for model in models(connection).models] == ["sandbox-large", "sandbox-small"]
    whole = ask(connection, "Why?").text()
    with ask(connection, "Why?", model="sandbox-large") as answer:
        pieces = list(answer)
    assert len(pieces) > 5
    assert "".join(pieces) == answer.text == whole
    assert (answer.status, answer.model) == ("completed", "sandbox-large")
    assert answer.request_id
    with ask(connection, "Why?") as left:
        next(left)
    assert usage(connection) is None


def test_an_attempt_shown_by_the_app_itself(stage: Stage) -> None:
    """A callback that is not ours ends nothing; the right one does, in the browser or pasted."""
    with opened(stage) as connection:
        with connection.authorize() as attempt:
            assert attempt.short_url
            assert attempt.short_url.startswith("http://127.0.0.1:")
            assert attempt.ways[:2] == ("browser", "paste")
            with pytest.raises(CallbackRejected):
                attempt.submit("http://127.0.0.1/auth/callback?code=x&state=forged")
            browse(stage.sandbox.sign_in(attempt.url))
            attempt.done()
        assert connection.state is State.CONNECTED


def test_leaving_the_block_cancels_the_attempt(stage: Stage) -> None:
    """Whatever it is left with."""
    with opened(stage) as connection:
        with pytest.raises(KeyboardInterrupt), connection.authorize():
            raise KeyboardInterrupt
        assert connection.state is State.DISCONNECTED
        with connection.authorize() as attempt:
            attempt.cancel()
            with pytest.raises(SignInFailed) as failed:
                attempt.done()
        assert failed.value.case == "login-cancelled"


def test_an_attempt_that_the_app_gives_up_says_the_apps_own_sentence(stage: Stage) -> None:
    """In place of the case's title."""
    with opened(stage) as connection, connection.authorize() as attempt:
        attempt.fail("no-browser-headless", "There is no screen here")
        with pytest.raises(SignInFailed, match="no screen here") as failed:
            attempt.done()
        assert failed.value.case == "no-browser-headless"


def test_transitions_are_iterated_over(connection: sync.Connection) -> None:
    """`next` waits for one; closed, by the connection too, it ends after what was left."""
    stream = connection.transitions()
    with ThreadPoolExecutor(1) as reader:
        first = reader.submit(next, stream)
        connection.refresh()
        assert first.result(PATIENCE).trigger == "RefreshRequested"
    connection.close()
    assert [transition.trigger for transition in stream][-1] == "TokenRefreshed"
    assert (stream.closed, stream.missed) == (True, 0)


# Wherever it is called from.


async def test_it_works_where_a_loop_is_running(stage: Stage) -> None:
    """As in a notebook's cell; and an async connection is shared."""
    async with stage.open() as asynchronous:
        connection = sync.Connection(asynchronous)
        connection.sign_in()
        connection.refresh()
        assert asynchronous.snapshot.generation == 2
        assert ask(connection, "Why?").text()
        with connection.authorize() as attempt:
            attempt.cancel()


def test_many_threads_share_a_connection(connection: sync.Connection, stage: Stage) -> None:
    """One refresh serves all of them."""
    stage.clock.advance(3600)
    with ThreadPoolExecutor(8) as threads:
        tokens = [threads.submit(connection.get_access_token) for _ in range(16)]
    assert len({token.result().reveal() for token in tokens}) == 1
    assert stage.refreshes == 1


def test_two_threads_sign_in_once(stage: Stage) -> None:
    """The second waits for the first one's attempt."""
    with opened(stage) as connection, ThreadPoolExecutor(2) as threads:
        for ensured in [threads.submit(connection.ensure_signed_in) for _ in range(2)]:
            ensured.result(PATIENCE)
        assert connection.snapshot.generation == 1
    assert stage.asked("/api/accounts/authorize") == 1


def test_nothing_is_there_between_calls(connection: sync.Connection) -> None:
    """No thread, and so no loop; a block has one of its own, and it ends with it."""
    before = set(threading.enumerate())
    connection.close()
    assert set(threading.enumerate()) <= before
    with connection.authorize():
        pass
    with pytest.raises(MisuseError):
        connection.sign_in(device=True, ports=(1,))
    assert not [thread for thread in threading.enumerate() if "reading" in thread.name]


def test_no_loop_to_be_had_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process without descriptors, say: nobody waits for it."""

    def none(_: Callable[..., object]) -> None:
        raise OSError("too many open files")

    monkeypatch.setattr("signedin.sync.event_loop.anyio.run", none)
    with pytest.raises(OSError, match="too many"), event_loop.EventLoop():
        pass


# Processes.


@contextmanager
def program(stage: Stage, work: str) -> Generator[subprocess.Popen[str]]:
    """`sync_program`, at work."""
    quietly = ["-W", "ignore::DeprecationWarning"]  # newer Pythons warn of a fork beside threads
    command = [sys.executable, *quietly, "-m", "tests.support.sync_program", stage.home, work]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def test_ctrl_c_ends_a_sign_in_at_once(stage: Stage) -> None:
    """The attempt is cancelled, and the program ends as one that nobody taught about Ctrl-C."""
    with program(stage, "sign-in") as process:
        assert process.stdout
        assert process.stdout.readline() == "shown\n"
        process.send_signal(signal.SIGINT)
        _, complaints = process.communicate(timeout=PATIENCE)
    assert process.returncode == -signal.SIGINT
    assert complaints.splitlines()[-1] == "KeyboardInterrupt"
    assert "Exception ignored" not in complaints
    with opened(stage) as connection:
        assert connection.state is State.DISCONNECTED
        connection.sign_in()  # nobody holds the right to it any more


def test_a_thread_in_a_block_holds_no_process_back(stage: Stage) -> None:
    """An attempt that is left behind ends with the process."""
    with program(stage, "pending") as process:
        said, complaints = process.communicate(timeout=PATIENCE)
    assert (process.returncode, said, complaints) == (0, "leaving\n", "")


def test_a_forked_child_goes_on_with_the_connection(connection: sync.Connection, stage: Stage) -> None:
    """And its parent takes what came of that."""
    with program(stage, "fork") as process:
        said, complaints = process.communicate(timeout=PATIENCE)
    assert (said, complaints) == ("child 2\nchild ended 0\n2\n", "")


def test_a_block_is_its_own_process_alone(stage: Stage) -> None:
    """A child that was forked within it is told so, and leaves without waiting for anybody."""
    with program(stage, "fork-in-block") as process:
        said, complaints = process.communicate(timeout=PATIENCE)
    assert (said, complaints) == ("child bad-usage\nchild ended 0\ndisconnected\n", "")
