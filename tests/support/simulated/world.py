"""The simulated world: two processes, one server, one machine, and whoever decides what happens next.

Every verb is one thing that can happen. After each the invariants of `Watch` are checked; `calm` says what must be true
once all is well again.
"""

import os
import sys
import tempfile
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from unittest.mock import patch

from tests.support.simulated.machine import START, Clocks, Disk
from tests.support.simulated.process import Deadlines, Keyring, Process
from tests.support.simulated.server import PROVIDER, Server
from tests.support.simulated.strand import Killed, Strand, here
from tests.support.simulated.watch import Watch

from signedin import account, authorization_server, exchange, selection
from signedin.session import Session
from signedin.states import State
from signedin_adapters.stores import peek
from signedin_adapters.stores.files import FileStore
from signedin_adapters.stores.home import AppPaths

APP = "acme-notes"
ROUNDS = 24
"""How often all are asked until they must be well: longer than a clock can have been set back."""
ROUND_SECONDS = 4000.0
"""Longer than a token lives, and than any back-off of our own."""
_WRITE = ("durable", "lock", "trust", "answer")
_POINTS = 1000
"""How many points everything that is under way takes at most."""


class World:
    """Two processes on one account, which is signed in. Strands and processes are named by their number."""

    def __init__(self, home: str) -> None:
        self.clocks, self.disk, self.server = Clocks(), Disk(), Server()
        self._paths, self._keyring = AppPaths(home, APP), Keyring()
        self._record = replace(selection.new_record(PROVIDER, label="ada"), created_at=START)
        self._born = 0
        self.watch = Watch(
            paths=self._paths, keyring=self._keyring, clocks=self.clocks, server=self.server, record=self._record
        )

    def begin(self) -> None:
        """Somebody signs in with the first process, and the second one starts."""
        FileStore(self._paths, self._keyring, kind="keyring").save_record(self._record)
        self.processes = [self._start()]
        self.sign_in(0)
        self.settle()
        self.processes.append(self._start())
        self.settle()

    # what happens ---------------------------------------------------------------------------------------------------

    def go(self, which: int, steps: int = 1) -> None:
        """A strand goes on for so many points."""
        strand = self._pick(which)
        for _ in range(steps):
            if strand is None or strand.done:
                return
            self._go(strand)

    def go_until(self, which: int, at: str) -> None:
        """A strand goes on until it stands at a point of this name, waits for a lock, or ends."""
        strand = self._pick(which)
        while strand is not None and not strand.done:
            self._go(strand)
            if strand.at in (at, "waiting", "opening"):
                return

    def refresh_until(self, process: int, at: str) -> None:
        """Somebody wants a fresh token, and whoever redeems stands at a point of this name."""
        self.refresh(process)
        for strand in self._strands():
            while strand.process is self.processes[process] and not strand.done:
                self._go(strand)
                if strand.at in (at, "waiting", "opening"):
                    break

    def ask(self, process: int) -> None:
        """Somebody wants a token."""
        self._begin(process, "ask", self.processes[process].ask)

    def pass_by(self, process: int) -> None:
        """The thread that looks after deadlines has its turn."""
        self._begin(process, "deadlines", self.processes[process].look_after_deadlines)

    def refresh(self, process: int) -> None:
        """Somebody wants a fresh one."""
        self._begin(process, "request", self.processes[process].refresh)

    def retry(self, process: int) -> None:
        """Somebody wants an Error to be tried again."""
        self._begin(process, "retry", self.processes[process].retry)

    def unauthorized(self, process: int) -> None:
        """The API refuses a living token."""
        self._begin(process, "401", self.processes[process].unauthorized)

    def sign_out(self, process: int, revoke: bool = True) -> None:
        """Somebody signs out."""
        victim = self.processes[process]
        self._begin(process, "sign-out request", lambda: victim.sign_out(revoke))

    def sign_in(self, process: int) -> None:
        """Somebody signs in, again or anew."""
        self._begin(process, "sign-in", self.processes[process].sign_in)

    def kill(self, process: int) -> None:
        """kill -9, and the app is started again."""
        self.processes[process].kill()
        self.watch.step(self.processes)
        self.processes[process] = self._start()

    def wait(self, seconds: float) -> None:
        """Time passes, for whoever runs and for whoever is stopped."""
        self.clocks.advance(seconds)
        self.watch.step(self.processes)

    def set_clock(self, seconds: float) -> None:
        """Somebody sets the clock, by so much."""
        self.clocks.wall += seconds
        self.watch.step(self.processes)

    def arm(self, fate: str) -> None:
        """What becomes of the next request."""
        self.server.fates.append(fate)

    def set_disk(self, state: str) -> None:
        """The disk fails, or is well again."""
        self.disk.state = state

    def end_grant(self) -> None:
        """Somebody ends the connection on the provider's own page."""
        family = self.server.families[-1]
        family.ended_by = family.ended_by or "revoked"

    # rest -----------------------------------------------------------------------------------------------------------

    def settle(self) -> None:
        """Everybody goes on until nothing is left to do."""
        for _ in range(_POINTS):
            if not (strands := self._strands()):
                return
            for strand in strands:
                self._go(strand)
        raise AssertionError(f"{self._strands()} never end")

    def calm(self) -> None:
        """All is well again: whoever is signed in gets a token, and whoever is not is told why."""
        self.server.fates.clear()
        self.disk.state = "well"
        self.settle()
        self._pass_time()
        self.kill(0)
        self.settle()
        self._pass_time()
        self._is_well()

    def close(self) -> None:
        """The end of the world."""
        for process in self.processes:
            process.kill()

    def _pass_time(self) -> None:
        before = self.watch.generation
        for _ in range(ROUNDS):
            self.wait(ROUND_SECONDS)
            self._everybody_asks()
            if all(_is_settled(process, than=before) for process in self.processes):
                return

    def _everybody_asks(self) -> None:
        for number in range(len(self.processes)):
            self.ask(number)
            self.settle()

    def _is_well(self) -> None:
        session, loaded = self.watch.session_on_disk(), self.watch.loaded()
        for process in self.processes:
            state, context = process.account.standing
            if process.could_not_sign_out:
                continue
            assert state is loaded.state, f"{process}: {state}, {context.case}; on the disk: {loaded.state}"
            assert context.unsaved is None, f"{process} could not save"
        if loaded.state is State.CONNECTED:
            assert not loaded.context.flags
            self._is_newest(session)
        elif loaded.state is State.DISCONNECTED:
            assert self.watch.signed_out_at, "nobody signed out"
            self._nothing_is_left()
        else:
            assert loaded.state is State.EXPIRED, (loaded.state, loaded.context.case)
            self._cannot_be_helped(session)

    def _is_newest(self, session: Session | None) -> None:
        assert session is not None
        assert session.refresh_token is not None
        family = self.server.family_of(session.refresh_token.reveal())
        assert not family.ended_by
        assert session.refresh_token.reveal() == family.newest
        for process in self.processes:
            assert process.could_not_sign_out or process.account.context.session == session, process

    def _cannot_be_helped(self, session: Session | None) -> None:
        assert session is not None
        assert self.server.family_of(session.access_token.reveal()).ended_by

    def _nothing_is_left(self) -> None:
        paths = self._paths.account(self._record.id)
        left = [path for path in (paths.session, paths.intent) if os.path.exists(path)]
        assert left + peek.revocations(paths) == []

    # strands --------------------------------------------------------------------------------------------------------

    def _start(self) -> Process:
        self._born += 1
        return Process(
            f"process {self._born}",
            paths=self._paths,
            keyring=self._keyring,
            clocks=self.clocks,
            server=self.server,
            record=self._record,
        )

    def _begin(self, process: int, name: str, work: Callable[[], None]) -> None:
        """It begins at once, and stands at its first point."""
        self.processes[process].run(name, work)
        self._go(self.processes[process].strands[-1])

    def _strands(self) -> list[Strand]:
        for process in self.processes:
            process.strands = [strand for strand in process.strands if not strand.done]
        return [strand for process in self.processes for strand in process.strands]

    def _pick(self, which: int) -> Strand | None:
        strands = self._strands()
        return strands[which % len(strands)] if strands else None

    def _go(self, strand: Strand) -> None:
        strand.go()
        self.watch.step(self.processes)


def _is_settled(process: Process, *, than: int) -> bool:
    """Whether time has nothing more to do for it: its session is a later one and well, or there is none."""
    state, context = process.account.standing
    if state is State.CONNECTED:
        return context.generation > than and context.unsaved is None and context.retry_at is None and not context.flags
    return state in (State.DISCONNECTED, State.EXPIRED)


@contextmanager
def world() -> Generator[World]:
    """A world of its own, in memory."""
    shared = "/dev/shm"
    with tempfile.TemporaryDirectory(dir=shared if os.path.isdir(shared) else None) as home:
        made = World(home)
        with _replaced(made):
            made.begin()
            try:
                yield made
            finally:
                made.close()


@contextmanager
def _replaced(made: World) -> Generator[None]:
    """The clocks, the disk and the threads of the code under test are the world's."""
    with ExitStack() as replaced:
        replaced.enter_context(patch.object(exchange, "start", _start_strand))
        replaced.enter_context(patch.object(account, "Timekeeper", Deadlines))
        replaced.enter_context(patch.object(authorization_server, "REVOCATION_PAUSES", ()))
        for name, module in tuple(sys.modules.items()):
            package, _, last = name.rpartition(".")
            if package in ("signedin", "signedin_adapters.stores") and last != "durable" and hasattr(module, "time"):
                replaced.enter_context(patch.object(module, "time", made.clocks))
            if package == "signedin_adapters.stores" and last in _WRITE:
                replaced.enter_context(patch.object(module, "os", made.disk))
        yield


def _start_strand(work: Callable[[], None], *, name: str, at_once: bool = False) -> None:
    """`exchange.start`: a thread of the process that asks."""
    strand = here()
    assert strand is not None
    if strand.killed:
        raise Killed
    process = strand.process
    assert isinstance(process, Process)
    process.run(name, work)
