"""Owns the one thread that makes things happen by the clock: it lives only while somebody listens to the account, or
while a session lies in memory alone and has to be saved.

No sleep is longer than a minute, because clocks are set and machines are suspended. Without a listener there is no
thread: whoever asks for a token then finds what is due.
"""

import threading
from collections.abc import Callable
from contextlib import suppress

from signedin.events import Event
from signedin.ports import Clock

Due = tuple[float, Callable[[float], Event]]
"""When something becomes due, Unix seconds, and the event to fire then."""

LONGEST_SLEEP_SECONDS = 60.0
LISTENING_SECONDS = 2.0
"""How long those who listen may go untold of what another process did."""


class Timekeeper:
    """Fires an account's deadlines while it runs. It never keeps the process alive.

    `next_due` tells what comes next, if anything, as seen at a time; `fire` takes the event, which may be too late.
    `needed` tells whether the account has something to do by the clock although nobody listens. `look` sees what other
    processes did, for those who listen.
    """

    def __init__(
        self,
        *,
        next_due: Callable[[float], Due | None],
        fire: Callable[[Event], object],
        clock: Clock,
        needed: Callable[[], bool] = lambda: False,
        look: Callable[[], object] = lambda: None,
    ) -> None:
        self._next_due, self._fire, self._clock, self._needed, self._look = next_due, fire, clock, needed, look
        self._lock = threading.Lock()
        self._condition: threading.Condition | None = None
        self._wanted = False
        self._thread: threading.Thread | None = None

    def attend(self, wanted: bool) -> None:
        """Run while `wanted`; called when the first listener comes and when the last one leaves."""
        with self._wake():
            self._wanted = wanted
            self._attend()

    def look_again(self) -> None:
        """The account moved: its next deadline may be another."""
        if self._thread is not None or self._wanted or self._needed():
            with self._wake():
                self._attend()

    def begin_again(self) -> None:
        """In a forked child: the thread is the parent's; another one starts once the account moves here."""
        self._lock, self._condition, self._thread = threading.Lock(), None, None

    def _wake(self) -> threading.Condition:
        """Made when it is first needed: most accounts never need it, and it is as large as all the rest of one."""
        with self._lock:
            if self._condition is None:
                self._condition = threading.Condition()
            return self._condition

    def _attend(self) -> None:
        if self._thread is None and (self._wanted or self._needed()):
            thread = threading.Thread(target=self._run, name="signedin deadlines", daemon=True)
            with suppress(RuntimeError):  # the system gives no thread now: the next move tries again
                thread.start()
                self._thread = thread
        self._wake().notify_all()

    def _run(self) -> None:
        while True:
            with self._wake():
                if not self._wanted and not self._needed():
                    self._thread = None
                    return
                wait = min(self._wait(), LISTENING_SECONDS if self._wanted else LONGEST_SLEEP_SECONDS)
                if wait > 0:
                    self._wake().wait(wait)
            if wait <= 0:
                self._fire_what_is_due()
            elif self._wanted:
                self._look()

    def _wait(self) -> float:
        now = self._clock()
        due = self._next_due(now)
        return LONGEST_SLEEP_SECONDS if due is None else due[0] - now

    def _fire_what_is_due(self) -> None:
        now = self._clock()
        due = self._next_due(now)
        if due is not None and due[0] <= now:
            self._fire(due[1](now))
