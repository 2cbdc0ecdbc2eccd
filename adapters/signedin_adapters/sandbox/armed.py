"""What is armed: a fault and how often it strikes, and the registry that the places ask, once a request."""

from dataclasses import dataclass, replace
from difflib import get_close_matches
from itertools import count
from threading import Lock

from signedin_adapters.sandbox.faults import FAULTS, Endpoint

_PLAYING = {fault.case: fault for fault in reversed(FAULTS.values()) if fault.case is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultSpec:
    """A fault and how often it strikes; ``times`` None means always."""

    name: str
    times: int | None = 1

    def __post_init__(self) -> None:
        if self.name not in FAULTS:
            near = get_close_matches(self.name, [*FAULTS, *_PLAYING], n=1)
            raise ValueError(f"unknown fault {self.name!r}" + (f"; did you mean {near[0]!r}?" if near else ""))
        if self.times is not None and self.times < 1:
            raise ValueError(f"fault {self.name!r} must strike at least once, not {self.times} times")

    @classmethod
    def parse(cls, text: str) -> "FaultSpec":
        """Read ``FAULT[@once|always|N]``, or ``CASE`` for the first fault that plays it, as often as it must strike.

        Raises ValueError that says what is wrong.
        """
        name, separator, often = text.partition("@")
        played = None if name in FAULTS else _PLAYING.get(name)
        name = name if played is None else played.name
        if not separator:
            return cls(name=name, times=None if played is not None and played.lasting else 1)
        if often == "once":
            return cls(name=name)
        if often == "always":
            return cls(name=name, times=None)
        if not (often.isascii() and often.isdigit()):
            raise ValueError(f"in {text!r}, {often!r} is none of once, always or a number")
        return cls(name=name, times=int(often))


class Faults:
    """The armed faults; safe from any thread. They add up: where two could strike one request, the older one does."""

    def __init__(self) -> None:
        self._armed: dict[int, FaultSpec] = {}
        self._numbers = count()
        self._lock = Lock()

    @property
    def armed(self) -> tuple[FaultSpec, ...]:
        """What will strike, in order, with how often it still will."""
        with self._lock:
            return tuple(self._armed.values())

    def inject(self, name: str, times: int | None = 1) -> None:
        """Arm a fault for so many requests, or for all with ``times=None``; raises ValueError for an unknown name."""
        self.add(FaultSpec(name=name, times=times))

    def add(self, spec: FaultSpec) -> int:
        """Arm what a specification says; the number is for `disarm`."""
        with self._lock:
            number = next(self._numbers)
            self._armed[number] = spec
        return number

    def disarm(self, number: int) -> None:
        """Disarm this one alone; harmless once it struck for the last time."""
        with self._lock:
            self._armed.pop(number, None)

    def clear(self) -> None:
        """Disarm everything."""
        with self._lock:
            self._armed.clear()

    def take(self, *endpoints: Endpoint) -> str | None:
        """The oldest fault armed for one of these places, counted down; None if there is none."""
        with self._lock:
            for number, spec in self._armed.items():
                if FAULTS[spec.name].endpoint in endpoints:
                    self._count_down(number, spec)
                    return spec.name
        return None

    def _count_down(self, number: int, spec: FaultSpec) -> None:
        if spec.times == 1:
            del self._armed[number]
        elif spec.times is not None:
            self._armed[number] = replace(spec, times=spec.times - 1)
