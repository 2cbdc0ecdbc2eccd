"""A plain program with threads that forks, run as a process of its own: one command a line, one line of JSON for each.

    fork_program.py HOME STORE

`sign-in`, `use` (one access token), `refresh`, `look`, `subscribe` and `later SECONDS` (its clock is moved on) answer
where the account stands then. `begin` uses the connection on a thread of its own, and `join` waits for that.
`fork` answers in the child, which takes the commands from there on; `exit` ends it, and the parent goes on.
`multiprocessing` has a worker of that library's fork context use the connection once, and answers in it.
`break-disk` lets no commit succeed any more. `hold-locks` has a thread take every lock that there is, for good, and
answers that alone.
"""

import errno
import hashlib
import json
import multiprocessing
import os
import sys
import threading
import time
from contextlib import ExitStack
from typing import Any

import anyio
import httpx

from signedin import Attempt, Connection, Flag, SignedinError, exchange, opening
from signedin.connection import account_of
from signedin_adapters.stores import durable, lock, trust


class LaterClock:
    """The wall clock, moved on."""

    seconds = 0.0

    def __call__(self) -> float:
        return time.time() + self.seconds


CLOCK = LaterClock()


def answer(**facts: object) -> None:
    sys.stdout.write(json.dumps(facts | {"pid": os.getpid()}) + "\n")
    sys.stdout.flush()


async def browse(attempt: Attempt) -> None:
    async with httpx.AsyncClient(trust_env=False, follow_redirects=True) as browser:
        await browser.get(attempt.url)


def use(connection: Connection) -> str:
    """One token, so that tokens can be told apart."""
    token = anyio.run(connection.get_access_token)
    return hashlib.sha256(token.reveal().encode()).hexdigest()[:8]


class Program:
    """The connection, and what it is told to do."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.working: list[threading.Thread] = []

    def obey_all(self) -> None:
        """Until stdin ends, or `exit`."""
        while (line := sys.stdin.readline()) and line != "exit\n":
            command, _, rest = line.strip().partition(" ")
            if command == "fork":
                self.fork()
            elif command == "multiprocessing":
                worker = multiprocessing.get_context("fork").Process(target=self.obey, args=("use", ""))
                worker.start()
                worker.join()
            elif command == "hold-locks":
                self.hold_locks()
                answer(held=True)
            else:
                self.obey(command, rest)

    def fork(self) -> None:
        child = os.fork()
        if child == 0:
            say_when_it_waits()
            tell(self.connection, "", "")
            self.obey_all()
            os._exit(0)
        os.waitpid(child, 0)
        answer(child=child)

    def obey(self, command: str, rest: str) -> None:
        served = error = ""
        try:
            served = self.carry_out(command, rest)
        except SignedinError as raised:
            error = raised.case or type(raised).__name__
        tell(self.connection, served, error)

    def carry_out(self, command: str, rest: str) -> str:
        match command:
            case "sign-in":
                anyio.run(lambda: self.connection.sign_in(prompt=browse))
            case "use":
                return use(self.connection)
            case "refresh":
                anyio.run(self.connection.refresh)
            case "later":
                CLOCK.seconds += float(rest)
            case "subscribe":
                self.connection.subscribe(lambda _: None)
            case "begin":
                self.working.append(threading.Thread(target=use, args=(self.connection,)))
                self.working[-1].start()
            case "join":
                self.working.pop().join()
            case "break-disk":
                durable.fill = refuse
            case _:
                assert command == "look"
        return ""

    def hold_locks(self) -> None:
        held = threading.Event()

        def hold() -> None:
            with ExitStack() as taken:
                for each in locks(self.connection):
                    taken.enter_context(each)
                held.set()
                threading.Event().wait()

        threading.Thread(target=hold, daemon=True).start()
        held.wait()


def refuse(reserved: str, data: bytes, path: str) -> None:
    """In place of the commit's last writing."""
    raise trust.store_error(OSError(errno.EROFS, "Read-only file system"), path)


def locks(connection: Connection) -> list[Any]:
    """All that threads of the parent could be holding, but for what keeps a fork from happening at all."""
    account = account_of(connection)
    own = [account._lock, account._telling, account._opening, account.listeners._lock, account.timekeeper._wake]
    return [*own, opening._opening, opening._listing, *[exchange._places] * exchange.AT_ONCE]


def say_when_it_waits() -> None:
    """Tell the parent's test when this process is about to wait for the account's lock."""
    real = lock.Lock._wait

    def wait(self: lock.Lock) -> None:
        if lock.held(self._path):
            answer(waits=True)
        real(self)

    lock.Lock._wait = wait  # type: ignore[method-assign]


def tell(connection: Connection, served: str, error: str) -> None:
    seen = connection.snapshot
    answer(
        state=seen.state.value,
        generation=seen.generation,
        case=seen.case.id if seen.case else None,
        degraded=Flag.STORAGE_DEGRADED in seen.flags,
        in_doubt=Flag.IN_DOUBT in seen.flags,
        deadlines=any(thread.name == "signedin deadlines" for thread in threading.enumerate()),
        served=served,
        error=error,
    )


async def opened(home: str, store: str) -> Connection:
    return await Connection.open(app_name="Acme Notes", provider="sandbox", home=home, store=store, clock=CLOCK)


if __name__ == "__main__":
    Program(anyio.run(opened, sys.argv[1], sys.argv[2])).obey_all()
