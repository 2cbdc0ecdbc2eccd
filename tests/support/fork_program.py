"""A plain program with threads that forks, as one form of `app_program`.

Beside the commands of `app_commands`: `subscribe` answers where the account stands; `begin` has a thread of its own ask
for a token, and `join` waits for that. `fork` answers in the child, which takes the commands from there on; `exit`
ends it, and the parent goes on. `multiprocessing` has a worker of that library's fork context ask for a token, and
answers in it. `hold-locks` has a thread take every lock that there is, for good, and answers that alone.
"""

import multiprocessing
import os
import sys
import threading
import warnings
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import anyio
from tests.support.app_commands import answer, carry_out, prepare, tell

from signedin import Connection, exchange, opening
from signedin.connection import account_of
from signedin_adapters.stores import lock


def run(opened: Callable[[], Connection]) -> None:
    """Obey until stdin ends. The group of processes is its own, so that all can be ended at once."""
    os.setsid()
    warnings.filterwarnings("ignore", message=".*fork", category=DeprecationWarning)
    ForkingApp(opened()).obey_all()


class ForkingApp:
    """The connection, and what is done with it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._working: list[threading.Thread] = []

    def obey_all(self) -> None:
        """Until stdin ends, or `exit`."""
        while (line := sys.stdin.readline()) and line != "exit\n":
            command = line.strip()
            if not prepare(command):
                self._obey(command)

    def _obey(self, command: str) -> None:
        match command:
            case "fork":
                self._fork()
            case "multiprocessing":
                worker = multiprocessing.get_context("fork").Process(target=self._carry_out, args=("token",))
                worker.start()
                worker.join()
            case "hold-locks":
                self._hold_locks()
                answer(held=True)
            case "subscribe":
                self._connection.subscribe(lambda _: None)
                tell(self._connection)
            case "begin":
                self._working.append(threading.Thread(target=anyio.run, args=(self._connection.get_access_token,)))
                self._working[-1].start()
                tell(self._connection)
            case "join":
                self._working.pop().join()
                tell(self._connection)
            case _:
                self._carry_out(command)

    def _carry_out(self, command: str) -> None:
        anyio.run(carry_out, command, self._connection)

    def _fork(self) -> None:
        child = os.fork()
        if child == 0:
            _say_when_it_waits()
            tell(self._connection)
            self.obey_all()
            os._exit(0)
        os.waitpid(child, 0)
        answer(child=child)

    def _hold_locks(self) -> None:
        held = threading.Event()

        def hold() -> None:
            with ExitStack() as taken:
                for each in _locks(self._connection):
                    taken.enter_context(each)
                held.set()
                threading.Event().wait()

        threading.Thread(target=hold, daemon=True).start()
        held.wait()


def _locks(connection: Connection) -> list[Any]:
    """All that threads of the parent could be holding, but for what keeps a fork from happening at all."""
    account = account_of(connection)
    own = [account._lock, account._telling, account._opening, account.listeners._lock, account.timekeeper._wake()]
    return [*own, opening._opening, opening._listing, *[exchange._places] * exchange.AT_ONCE]


def _say_when_it_waits() -> None:
    """Tell the parent's test when this process is about to wait for the account's lock."""
    real = lock.Lock._wait

    def wait(self: lock.Lock) -> None:
        if lock.held(self._path):
            answer(waits=True)
        real(self)

    lock.Lock._wait = wait  # type: ignore[method-assign]
