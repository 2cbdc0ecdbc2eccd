"""Owns those who are told: plain callables, in the order of the transitions. One that raises harms nobody."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from signedin.ports import Log
from signedin.transition import Transition

Listener = Callable[[Transition], object]
"""What it returns is nobody's: `queue.put_nowait` is a listener, and so is a lambda that calls something."""


class Subscription:
    """One listener's place. `close` may be called from any thread, more than once, also by the listener itself."""

    def __init__(self, leave: Callable[[], None]) -> None:
        self._leave = leave
        self.closed = False

    def close(self) -> None:
        """Tell it no more."""
        self.closed = True
        self._leave()

    def __enter__(self) -> "Subscription":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@dataclass(eq=False, slots=True)
class _Place:
    listener: Listener


class Listeners:
    """The listeners of one account. `changed` is called when the first comes and when the last leaves."""

    __slots__ = ("_lock", "_log", "_places", "changed")

    def __init__(self, log: Log) -> None:
        self._log = log
        self._lock = threading.Lock()
        self._places: tuple[_Place, ...] = ()
        self.changed: Callable[[bool], None] = lambda _: None

    def add(self, listener: Listener) -> Subscription:
        """Tell `listener` every transition from now on. It is called on the thread that made the transition."""
        place = _Place(listener)
        with self._lock:
            self._places = (*self._places, place)
            if len(self._places) == 1:
                self.changed(True)  # under the lock, so that the last word is the truth
        return Subscription(lambda: self._remove(place))

    def begin_again(self) -> None:
        """In a forked child: the listeners stay, and whoever was changing them was a thread of its parent."""
        self._lock = threading.Lock()

    def tell(self, transition: Transition) -> None:
        """Log the transition and tell everyone."""
        self._log.write("connection.transition", **_line(transition))
        for place in self._places:
            try:
                place.listener(transition)
            except KeyboardInterrupt:
                raise  # it is the main thread's, and not the listener's
            except BaseException as error:  # noqa: BLE001 - a listener's trouble is its own, SystemExit too
                self._log.write("listener.failed", kind=type(error).__name__)

    def _remove(self, place: _Place) -> None:
        with self._lock:
            stayed = tuple(other for other in self._places if other is not place)
            left, self._places = len(self._places) - len(stayed), stayed
            if left and not stayed:
                self.changed(False)


def _line(transition: Transition) -> dict[str, object]:
    """The transition with its trigger's own fields, so that a run can be replayed from its log."""
    told = {_RENAMED.get(name, name): value for name, value in transition.details}
    return told | {
        "at": transition.at,
        "account": transition.account_id,
        "from": transition.source.value,
        "trigger": transition.trigger,
        "to": transition.state.value,
        "case": told.get("case") or transition.case,
        "flags": sorted(flag.value for flag in transition.flags),
        "generation": transition.generation,
    }


_RENAMED = {"attempt_id": "attempt", "generation": "session"}
"""What an event calls otherwise than its line: there `generation` is the account's, after the step."""
