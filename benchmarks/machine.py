"""Steps a second of the machine that every account shares, against the library it is made with and a bare table.

A step is pure: one event in, the next state, context and commands out, nothing waited for. It takes turns, in this one
process, with a two-state machine of the same library (`transitions`) that has no guard and no action, and with a lookup
of the state and event in a dict, which is the least that any machine can do. Promised: a step costs at most four times
what the bare library does, and the API's answer, which comes with every request, at most twice.
"""

import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from timeit import Timer

from results.options import options
from results.promise import Promise
from results.section import Section, tell
from transitions import Machine

from signedin import events as ev
from signedin.context import Context
from signedin.machine import step
from signedin.secret import Secret
from signedin.session import Session
from signedin.states import Flag, State

OPTIONS = {"batches": (50, "of each kind, in turns")}
PROMISE = 4.0
ANSWERED, ANSWER_PROMISE = "the API took the token", 2.0
LIFE = 3600.0
BATCH = 2000
"""Calls that make one batch: a few hundredths of a second."""
LIBRARY, TABLE = "transitions alone, two states", "a dict lookup"

Samples = dict[str, list[float]]
"""Seconds of one call, batch by batch, for each kind."""


def main() -> int:
    """Measure, and say what came of it."""
    asked = options(__doc__, OPTIONS)
    return tell("machine", _section(_in_turns({**_steps(time.time()), **_bare()}, asked.batches)))


def _steps(now: float) -> dict[str, Callable[[], object]]:
    """What an account meets most: hours of API answers, then a refresh."""
    session = Session(
        generation=1,
        access_token=Secret("-"),
        refresh_token=Secret("-"),
        issued_at=now - LIFE,
        expires_at=now + LIFE,
        refresh_at=now,
    )
    connected = Context().holding(session)
    refreshing = step(State.CONNECTED, connected, ev.RefreshDue(at=now)).context
    renewed = ev.TokenRefreshed(at=now, session=replace(session, generation=2, expires_at=now + 2 * LIFE))
    accepted, due = ev.ApiAccepted(at=now, generation=1), ev.RefreshDue(at=now)
    paused = ev.FlagRaised(at=now, flag=Flag.USAGE_PAUSED)
    return {
        ANSWERED: lambda: step(State.CONNECTED, connected, accepted),
        "a flag is raised": lambda: step(State.CONNECTED, connected, paused),
        "a refresh is due": lambda: step(State.CONNECTED, connected, due),
        "the token is refreshed": lambda: step(State.REFRESHING, refreshing, renewed),
    }


def _bare() -> dict[str, Callable[[], object]]:
    light = Machine(states=["red", "green"], initial="red", auto_transitions=False)
    light.add_transition("change", "red", "green")
    light.add_transition("change", "green", "red")
    table = {("red", "change"): "green", ("green", "change"): "red"}
    change = light.events["change"]
    return {LIBRARY: lambda: change.trigger(light), TABLE: lambda: table["red", "change"]}


def _in_turns(calls: dict[str, Callable[[], object]], batches: int) -> Samples:
    timers = {name: Timer(call) for name, call in calls.items()}
    samples: Samples = {name: [] for name in calls}
    for _ in range(batches):
        for name, timer in timers.items():
            samples[name].append(timer.timeit(BATCH) / BATCH)
    return samples


def _section(measured: Samples) -> Section:
    rows: list[Sequence[object]] = [("event", "µs", "a second", "× transitions alone", "× a dict lookup")]
    promises: list[Promise] = []
    for name, samples in measured.items():
        to_library, to_table = _ratio(samples, measured[LIBRARY]), _ratio(samples, measured[TABLE])
        seconds = statistics.median(samples)
        rows.append((name, f"{seconds * 1e6:.2f}", f"{1 / seconds:,.0f}", f"{to_library:.2f}", f"{to_table:,.0f}"))
        if name not in (LIBRARY, TABLE):
            limit = ANSWER_PROMISE if name == ANSWERED else PROMISE
            promises.append(Promise(name=name, measured=to_library, at_most=limit))
    return Section(title="The machine", words=__doc__, tables=[rows], promises=promises)


def _ratio(samples: list[float], base: list[float]) -> float:
    return statistics.median(one / other for one, other in zip(samples, base, strict=True))


if __name__ == "__main__":
    sys.exit(main())
