"""Owns `Feed`: what happened to the connection, numbered, for every page that reads along.

One ring holds the newest steps. A reader is only a place in it: who reads slowly, or sleeps, holds nothing back, and
whoever comes after the ring has moved on begins again with all there is to see. There is no queue, thread or task for
a reader beside its own stream.
"""

import json
import secrets
import threading
from collections import deque
from collections.abc import AsyncGenerator, Callable, Generator, Iterator
from contextlib import contextmanager
from typing import Any

import anyio

from signedin import Connection
from signedin.listeners import Subscription
from signedin.transition import Transition
from signedin.waiting import waker
from signedin_adapters.diagram import way_of

KEPT = 512
"""Steps that a page which slept can catch up with."""
HEARTBEAT_SECONDS = 15.0

State = dict[str, Any]


class Feed:
    """The steps of one connection. `state` tells what there is to see now; it is asked once for all who read along.

    Ids are `begun-number`: a server that was started again has another beginning, and its readers begin anew.
    """

    def __init__(self, state: Callable[[], State]) -> None:
        self._state = state
        self._begun, self._lock = secrets.token_hex(4), threading.Lock()
        self._number = self._dropped = 0
        self._steps: deque[tuple[int, State]] = deque(maxlen=KEPT)
        self._wakes: set[Callable[[], None]] = set()
        self._seen: tuple[int, State] | None = None
        self._subscription: Subscription | None = None

    @property
    def follows(self) -> bool:
        """Whether there is a connection that it tells of."""
        return self._subscription is not None and not self._subscription.closed

    def follow(self, connection: Connection) -> None:
        """Tell of this connection from now on, and of no other."""
        self.close()
        self._subscription = connection.subscribe(self._take)
        self.changed()

    def close(self) -> None:
        """Follow nothing any more."""
        if self._subscription is not None:
            self._subscription.close()

    @property
    def last_id(self) -> str:
        """The id of the newest step."""
        return self._id(self._number)

    @property
    def readers(self) -> int:
        """How many wait for the next step."""
        return len(self._wakes)

    def changed(self, step: State | None = None) -> None:
        """Something is to be seen that was not before; from any thread."""
        with self._lock:
            self._number += 1
            if step is not None:
                if len(self._steps) == KEPT:
                    self._dropped, _ = self._steps[0]
                self._steps.append((self._number, {"id": self._id(self._number), **step}))
            wakes = tuple(self._wakes)
        for wake in wakes:
            wake()

    async def stream(self, last_id: str | None) -> AsyncGenerator[bytes]:
        """What a page reads (WHATWG's server-sent events): first all there is, or what it missed; then each step."""
        place = self._place(last_id)
        yield b"retry: 1000\n\n"
        while True:
            come = anyio.Event()
            with self._woken_by(come):
                place, events = self._since(place)
                for event in events:
                    yield event
                with anyio.move_on_after(HEARTBEAT_SECONDS):
                    await come.wait()
            if not come.is_set():
                yield b": still here\n\n"

    @contextmanager
    def _woken_by(self, come: anyio.Event) -> Generator[None]:
        wake = waker(come)
        with self._lock:
            self._wakes.add(wake)
        try:
            yield
        finally:
            with self._lock:
                self._wakes.discard(wake)

    def _id(self, number: int) -> str:
        return f"{self._begun}-{number}"

    def _place(self, last_id: str | None) -> int | None:
        """The number that a page has seen last; None where it has to begin anew."""
        begun, _, number = (last_id or "").partition("-")
        seen = int(number) if number.isascii() and number.isdigit() and len(number) < 16 else -1
        return seen if begun == self._begun and 0 <= seen <= self._number else None

    def _since(self, place: int | None) -> tuple[int, Iterator[bytes]]:
        """The newest number, and what there is to tell to whoever has seen `place`."""
        with self._lock:
            number, steps, dropped = self._number, tuple(self._steps), self._dropped
        if place is None or place < dropped:
            everything = {"state": self._state(), "history": [step for _, step in steps]}
            return number, iter((_event("reset", self._id(number), everything),))
        if number == place:
            return number, iter(())
        missed = (_event("transition", str(step["id"]), step) for at, step in steps if at > place)
        return number, iter((*missed, _event("state", self._id(number), self._state_at(number))))

    def _state_at(self, number: int) -> State:
        """What there is to see since this number; looked at once, however many read along."""
        if self._seen is None or self._seen[0] != number:
            self._seen = number, self._state()
        return self._seen[1]

    def _take(self, transition: Transition) -> None:
        self.changed(told(transition))


def told(transition: Transition) -> State:
    """A step as pages are told of it."""
    return {
        "at": transition.at,
        "source": transition.source.value,
        "trigger": transition.trigger,
        "state": transition.state.value,
        "case": dict(transition.details).get("case") or transition.case,
        "flags": sorted(flag.value for flag in transition.flags),
        "visible": transition.visible,
        "way": way_of(transition.source, transition.trigger, transition.state),
    }


def _event(name: str, id_: str, data: State) -> bytes:
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=False)
    return f"id: {id_}\nevent: {name}\ndata: {text}\n\n".encode()
