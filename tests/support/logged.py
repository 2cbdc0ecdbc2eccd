"""Logs of processes that the machine alone lived: every step is its own, every line what the library would write."""

import json
from pathlib import Path
from typing import Any

from tests.support.walk import START, session

from signedin import events as ev
from signedin import machine
from signedin.context import Context
from signedin.listeners import Listeners
from signedin.states import State
from signedin.transition import Transition, details_of
from signedin_adapters.log import open_log

ENDINGS = (ev.SignInFailed, ev.SignInCancelled, ev.SignInTimedOut, ev.CodeExchangeFailed)


class Logged:
    """One account in one process. `directory` is the app's, and so the key of its pseudonyms; the log is our own."""

    def __init__(
        self,
        directory: Path,
        name: str = "one",
        *,
        account: str = "ada",
        markers: tuple[str, ...] = (),
        now: float = START,
    ) -> None:
        self.path, self.now = directory / f"{name}.jsonl", now
        self._log = open_log(
            directory=str(directory / "log"), app="acme", store="file", markers=markers, setting=str(self.path)
        )
        self._account, self._listeners = account, Listeners(self._log)
        self.state, self.context = State.DISCONNECTED, Context()

    def take(self, event: ev.Event) -> "Logged":
        """Take one event, and log what it came to."""
        step = machine.step(self.state, self.context, event)
        self.state, self.context = step.state, step.context
        transition = Transition(
            at=event.at,
            account_id=self._account,
            source=step.source,
            trigger=type(event).__name__,
            state=step.state,
            case=event.case if isinstance(event, ENDINGS) else step.context.case,
            flags=step.context.flags,
            generation=step.context.generation,
            details=details_of(event),
            visible=True,
        )
        self._listeners.tell(transition)
        return self

    def then(self, kind: type[Any], *, after: float = 1.0, **fields: Any) -> "Logged":
        """Take an event of this kind, so many seconds after the one before."""
        self.now += after
        return self.take(kind(at=self.now, **fields))

    def beside(self, event: str, **fields: object) -> "Logged":
        """Log what went wrong beside the machine."""
        self.now += 1.0
        self._log.write(event, at=self.now, account=self._account, **fields)
        return self

    def connected(self) -> "Logged":
        """A session is loaded."""
        return self.then(ev.AccountLoaded, session=session(1, issued_at=self.now))

    def refreshed(self) -> "Logged":
        """A refresh goes well."""
        self.then(ev.RefreshRequested)
        fresh = session(self.context.generation + 1, issued_at=self.now)
        return self.then(ev.TokenRefreshed, session=fresh)

    def failed(self, case: str = "provider-outage") -> "Logged":
        """A refresh fails, and says nothing about the grant."""
        return self.then(ev.RefreshRequested).then(ev.RefreshFailed, case=case)

    @property
    def lines(self) -> list[bytes]:
        """The log, line by line."""
        return self.path.read_bytes().splitlines()

    @property
    def records(self) -> list[dict[str, Any]]:
        """The log's lines as objects."""
        return [json.loads(line) for line in self.lines]


def changed(line: bytes, **fields: object) -> bytes:
    """The line with other fields; one called `to_` stands for a word that Python keeps to itself."""
    record = json.loads(line) | {name.rstrip("_"): value for name, value in fields.items()}
    return json.dumps(record, separators=(",", ":")).encode()


def written(path: Path, lines: list[bytes]) -> Path:
    """A log of these lines."""
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    return path
