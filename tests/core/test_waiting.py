"""Waiting for a future from any loop, and leaving it alone when one gives up."""

import threading
from concurrent import futures
from concurrent.futures import Future

import anyio
import pytest
from tests.support.stage import PATIENCE

from signedin.errors import TemporarilyUnavailable
from signedin.waiting import HEARD_SECONDS, apart, hold, wait, waker


async def test_a_result_from_another_thread_wakes_the_waiter() -> None:
    """In its own loop."""
    future: Future[int] = Future()
    threading.Timer(0.01, future.set_result, [7]).start()
    with anyio.fail_after(PATIENCE):
        assert await wait(future) == 7


async def test_what_is_done_is_not_waited_for() -> None:
    """Not even for one turn of the loop."""
    future: Future[int] = Future()
    future.set_result(7)
    with anyio.CancelScope() as scope:
        scope.cancel()
        assert await wait(future) == 7
    assert not scope.cancelled_caught


async def test_an_error_is_the_waiters() -> None:
    """As it was raised."""
    future: Future[int] = Future()
    threading.Timer(0.01, future.set_exception, [KeyError("lost")]).start()
    with pytest.raises(KeyError, match="lost"):
        await wait(future)


async def test_many_may_wait_for_one() -> None:
    """And one that gives up takes nothing from the others."""
    future: Future[int] = Future()
    results: list[int] = []

    async def patient() -> None:
        results.append(await wait(future))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(patient)
        tasks.start_soon(patient)
        with anyio.move_on_after(0.01):
            await wait(future)
        assert not future.done()
        future.set_result(7)
    assert results == [7, 7]


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_waking_a_loop_that_is_gone_is_harmless(backend: str) -> None:
    """Whoever waited went with it."""

    async def leave() -> object:
        return waker(anyio.Event())

    wake = anyio.run(leave, backend=backend)
    assert callable(wake)
    wake()


async def test_work_apart_runs_on_a_thread_that_holds_nobody() -> None:
    """A daemon: given up on, it keeps neither the loop nor the process."""
    release = threading.Event()
    with anyio.move_on_after(0.01) as scope:
        await wait(apart(release.wait))
    assert scope.cancelled_caught
    thread = next(thread for thread in threading.enumerate() if thread.name == "signedin reading")
    assert thread.daemon
    release.set()
    thread.join(PATIENCE)


async def test_an_error_of_work_apart_is_raised_where_it_is_awaited() -> None:
    """And nowhere else."""
    with pytest.raises(ZeroDivisionError):
        await wait(apart(lambda: 1 // 0))


def test_without_a_thread_nothing_is_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    """A limit of the system is no bug, and has its case."""

    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    with pytest.raises(TemporarilyUnavailable) as failed:
        apart(list)
    assert failed.value.case == "no-thread"


def test_a_thread_waits_in_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between them Ctrl-C is heard, whenever it came; what is awaited is none the worse."""
    future: Future[int] = Future()
    waits = list[float | None]()
    real = futures.wait

    def waited(these: tuple[Future[int]], seconds: float | None) -> object:
        waits.append(seconds)
        if len(waits) == 3:
            future.set_result(7)
        return real(these, 0)

    monkeypatch.setattr("signedin.waiting.futures.wait", waited)
    assert hold(future) == 7
    assert waits == [HEARD_SECONDS] * 3


def test_a_time_out_that_was_awaited_is_no_slice() -> None:
    """It is what came of the work."""
    future: Future[int] = Future()
    future.set_exception(TimeoutError())
    with pytest.raises(TimeoutError):
        hold(future)
