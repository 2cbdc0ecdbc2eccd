"""The threads that exchanges run on."""

import threading
from collections.abc import Callable

import pytest
from tests.support.stage import PATIENCE

from signedin import exchange


def test_work_runs_on_a_plain_thread_that_the_process_waits_for() -> None:
    """No daemon, and named for what it does."""
    seen: list[threading.Thread] = []
    done = threading.Event()

    def work() -> None:
        seen.append(threading.current_thread())
        done.set()

    exchange.start(work, name="refresh")
    assert done.wait(PATIENCE)
    assert (seen[0].daemon, seen[0].name) == (False, "signedin refresh")


def test_no_more_than_a_few_work_at_once() -> None:
    """The rest wait for a place, and all are done in the end."""
    working, most, done = 0, 0, 0
    lock, finished = threading.Lock(), threading.Event()

    def work() -> None:
        nonlocal working, most, done
        with lock:
            working += 1
            most = max(most, working)
        threading.Event().wait(0.005)
        with lock:
            working, done = working - 1, done + 1
            if done == 3 * exchange.AT_ONCE:
                finished.set()

    for _ in range(3 * exchange.AT_ONCE):
        exchange.start(work, name="test")
    assert finished.wait(PATIENCE)
    assert 1 < most <= exchange.AT_ONCE


def test_without_a_thread_to_be_had_it_is_done_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """As at the end of the interpreter: a commit is not lost for that."""
    monkeypatch.setattr(threading.Thread, "start", _refuse)
    monkeypatch.setattr(exchange, "_is_shutting_down", lambda: True)
    done: list[Callable[[], None] | None] = []
    exchange.start(lambda: done.append(None), name="commit")
    assert done == [None]


def test_while_the_interpreter_lives_nothing_is_done_on_the_callers_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be running an event loop; a limit on threads is told instead."""
    monkeypatch.setattr(threading.Thread, "start", _refuse)
    done: list[Callable[[], None] | None] = []
    with pytest.raises(exchange.NoThread):
        exchange.start(lambda: done.append(None), name="refresh")
    assert done == []


def _refuse(*_: object) -> None:
    raise RuntimeError("can't start new thread")
