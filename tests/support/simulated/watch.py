"""What must hold in the simulated world after every single step, whoever was stopped or killed where.

It looks at the disk as another process would, and at the memory of all processes.
"""

import os
from collections.abc import Sequence
from typing import Any

from tests.support.simulated.machine import Clocks
from tests.support.simulated.process import Keyring, Process
from tests.support.simulated.server import PROVIDER, Redemption, Server

from signedin import machine
from signedin.context import Context
from signedin.errors import StoreError
from signedin.lookout import LOOK_SECONDS, Lookout
from signedin.machine import Step
from signedin.record import AccountRecord
from signedin.session import Session
from signedin.states import State
from signedin.status import Status, judge
from signedin_adapters.stores import marker, peek
from signedin_adapters.stores.files import FileStore
from signedin_adapters.stores.home import AppPaths
from signedin_adapters.stores.lock import held
from signedin_adapters.stores.marker import Marker

_RUNNING = (State.AUTHORIZING, State.REFRESHING)


class Watch:
    """The invariants. `step` checks them all; what the server was sent is judged as well."""

    def __init__(
        self, *, paths: AppPaths, keyring: Keyring, clocks: Clocks, server: Server, record: AccountRecord
    ) -> None:
        self._paths, self._account = paths, paths.account(record.id)
        self._keyring, self._clocks, self._server, self._record = keyring, clocks, server, record
        self.sealed: set[str] = set()
        """Refresh tokens that lay whole on the disk at some moment."""
        self.signed_out_at: dict[int, float] = {}
        """When (elapsed seconds) each grant was last ended by a sign-out."""
        self._committed: dict[int, Session] = {}
        self._latest: Session | None = None
        self._seen: object = None
        self._judged: object = None
        self._marker: object = None
        self._generations: dict[Process, int] = {}
        self._states: dict[Process, State] = {}

    @property
    def generation(self) -> int:
        """The latest that was ever committed."""
        return max(self._committed, default=0)

    def step(self, processes: Sequence[Process]) -> None:
        """After each step of anybody. Raises AssertionError."""
        self._look_at_disk()
        self._look_at_redemptions()
        for process in processes:
            self._look_at_memory(process)
        self.status_agrees()

    def loaded(self) -> Step:
        """Where a process that starts now finds the account."""
        lookout = Lookout(self._store(), PROVIDER, clock=self._clocks.time, may_be=lambda _: True)
        event: Any = lookout.read(self._record).event
        return machine.step(State.DISCONNECTED, Context(), event)

    def judged(self) -> Status:
        """What `status` says now."""
        app = peek.look(self._paths.home, self._paths.slug)
        account = next(account for account in app.accounts if account.id == self._record.id)
        return judge(account, at=self._clocks.wall, attempt=app.attempt)

    def status_agrees(self) -> None:
        """`status` and a process that starts now say the same; while somebody works, `status` says that."""
        there = self._all_that_lies_there()
        if there == self._judged:
            return
        self._judged = there
        status, step = self.judged(), self.loaded()
        if status.state in _RUNNING:
            assert step.state in (State.CONNECTED, State.ERROR), (status.state, step.state)
            return
        told = (status.state, status.case, frozenset(status.flags))
        context = step.context
        assert told == (step.state, context.case, frozenset(flag.value for flag in context.flags))
        if step.state is State.ERROR:
            assert status.retry_at == context.retry_at

    def _all_that_lies_there(self) -> object:
        paths = self._account
        stamps = tuple((entry.name, _stamp(entry.path)) for entry in os.scandir(paths.directory))
        return sorted(stamps), held(paths.lock), held(paths.answered)

    # the disk -------------------------------------------------------------------------------------------------------

    def session_on_disk(self) -> Session | None:
        """The session that has its name. Raises StoreError where it cannot be opened."""
        return self._store().load(self._record.id).session

    def _look_at_disk(self) -> None:
        files = self._account.session, self._account.intent, self._account.signed_out
        seen = tuple(_stamp(path) for path in files)
        if seen == self._seen:
            return
        self._seen = seen
        stored = self._store().load(self._record.id)
        session, signed_out = stored.session, stored.signed_out
        self._look_for_sealed(session)
        if seen[2] != self._marker:
            self._marker = seen[2]
            self._note_sign_out(marker.read(self._account))
        if not signed_out:
            self._nothing_was_lost(session)
        if session is not None:
            self._one_session_a_generation(session)

    def _look_for_sealed(self, session: Session | None) -> None:
        if session is not None and session.refresh_token is not None:
            self.sealed.add(session.refresh_token.reveal())
        try:
            opened: Any = vars(FileStore)["_open"](self._store(), self._account, self._account.intent)
        except StoreError:
            return
        if opened is not None:
            self.sealed.add(opened[1].refresh_token.reveal())

    def _note_sign_out(self, marker: Marker | None) -> None:
        """It ends every grant that was signed in to by then."""
        for session in self._committed.values():
            family = self._family(session)
            if marker is None or session.generation > marker.generation:
                continue
            if not self._server.families[family - 1].ended_by or family not in self.signed_out_at:
                self.signed_out_at[family] = self._clocks.elapsed

    def _nothing_was_lost(self, session: Session | None) -> None:
        """Without a marker there is the last session or a later one, and of a grant that nobody signed out."""
        if self._latest is not None:
            assert session is not None, f"generation {self._latest.generation} is gone"
            assert session.generation >= self._latest.generation, "an older session came back"
        if session is not None:
            assert self._family(session) not in self.signed_out_at, f"{session} came back after a sign-out"
        self._latest = session

    def _one_session_a_generation(self, session: Session) -> None:
        known = self._committed.setdefault(session.generation, session)
        assert known.refresh_token == session.refresh_token, f"two sessions of generation {session.generation}"

    def _family(self, session: Session) -> int:
        return self._server.family_of(session.access_token.reveal()).number

    def _store(self) -> FileStore:
        return FileStore(self._paths, self._keyring, kind="keyring", clock=self._clocks.time)

    # the server -----------------------------------------------------------------------------------------------------

    def is_interrupted(self, redemption: Redemption) -> bool:
        """Whether what was spent is lost for good: its answer reached nobody, or nobody who lived to save it
        and did not sign out instead."""
        if redemption.successor is None or redemption.successor in self.sealed:
            return False
        holder = redemption.process
        return redemption.lost or not holder.alive or holder.could_not_sign_out

    def _look_at_redemptions(self) -> None:
        """A refresh token is spent once, unless what came of the first time is lost."""
        presented, self._server.presented = self._server.presented, []
        for redemption in presented:
            for before in self._server.redemptions:
                if before is redemption:
                    break
                if before.token == redemption.token and before.successor is not None:
                    assert self.is_interrupted(before), f"{redemption.token} was spent by {before.process} already"

    # the memory -----------------------------------------------------------------------------------------------------

    def _look_at_memory(self, process: Process) -> None:
        state, context = process.account.standing
        assert process.log.lines == []
        assert context.generation >= self._generations.get(process, 0), f"{process} went back a generation"
        self._generations[process] = context.generation
        if state is State.EXPIRED and self._states.get(process) is not State.EXPIRED:
            self._expired_for_a_reason(context)
        self._states[process] = state
        given, process.given = process.given, []
        for token in given:
            if token.session is not None and token.alone:
                ended = self.signed_out_at.get(self._family(token.session))
                assert ended is None or token.since < ended + LOOK_SECONDS, f"{process} uses what was signed out"

    def _expired_for_a_reason(self, context: Context) -> None:
        revoked = any(family.ended_by == "revoked" for family in self._server.families)
        if context.case == "refresh-interrupted":
            # Whether the server spent it or never saw it, and then ended the grant, looks the same from here.
            assert revoked or any(map(self.is_interrupted, self._server.redemptions)), "nothing was lost"
        else:
            assert context.case == "refresh-token-revoked", context.case
            assert revoked


def _stamp(path: str) -> tuple[int, int, int] | None:
    try:
        status = os.lstat(path)
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns
