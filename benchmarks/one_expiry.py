"""Everybody needs a token at the moment it runs out: 50 tasks of one process; then 8 and 32 processes of one sign-in.

The server takes 40 ms to answer, and is strict: whoever spends a refresh token twice is refused. Other packages meet a
token endpoint of the same kind, each in fresh processes: with tasks where the package is for asyncio, else with
threads; with processes where it keeps a file that they share. What is compared is the first expiry; `signedin` then
meets more of them in a row. Promised: one request for each expiry, and a token for everybody. For 50 tasks also: half
of the time the last one has it at most 10 ms later than one caller has who meets an expiry alone.

Such a one waits for the exchange: the intent on the disk, the server, the new tokens on the disk. They take turns, an
expiry for one and an expiry for all.
"""

import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack

from peers.environment import left_out
from peers.meeting import Meeting, meet_in
from results.options import options
from results.promise import Promise
from results.section import Section, Table, tell
from world.app import sign_in
from world.clock import WorldClock
from world.expiry import Met, app, meet
from world.figures import milliseconds, on_disk, percentile
from world.processes import Program
from world.server import Server
from world.token_requests import Pauses

TASKS = 50
PROCESSES = (8, 32)
THEIR_PROCESSES = 8
SERVER_SECONDS = 0.040
OPTIONS = {"expiries": (20, "in a row; the first is the one that is compared")}
PROMISE = 10.0
"""Milliseconds beyond what one caller alone waits."""
TTL = 3600

PEERS = {
    "authlib": "references",
    "chatgpt-auth": "chatgpt-auth",
    "chatgpt-oauth": "chatgpt-oauth",
    "chatgpt-plan-auth": "chatgpt-plan-auth",
    "codex-auth": "codex-auth",
    "google-auth": "references",
    "oauth-cli-kit": "oauth-cli-kit",
    "oauth-codex": "oauth-codex",
}
"""Each with its environment."""
WITH_A_FILE = ("chatgpt-auth", "chatgpt-oauth", "codex-auth", "oauth-cli-kit", "oauth-codex")

Ours = Mapping[str, Sequence[Met]]
"""What was met at each expiry, by who met it."""
Theirs = Mapping[str, Meeting]


def main() -> int:
    """Let them all meet it, and say what came of it."""
    expiries = options(__doc__, OPTIONS).expiries
    tasks = {f"{TASKS} tasks, {backend}": _ours([backend], TASKS, expiries) for backend in ("asyncio", "trio")}
    processes = {f"{number} processes": _ours(_both(number), 1, expiries) for number in PROCESSES}
    ours = tasks | processes
    section = Section(
        title="One expiry for many",
        words=__doc__,
        tables=(
            _table(f"{TASKS} callers of one process", tasks, _theirs(tuple(PEERS), 1, TASKS)),
            _table("processes, one caller each", processes, _theirs(WITH_A_FILE, THEIR_PROCESSES, 1)),
            _beyond(ours),
        ),
        promises=[promise for who, met in ours.items() for promise in _one_for_all(who, met)]
        + [_on_time(who, met) for who, met in tasks.items()],
        notes=left_out(*PEERS.values()),
    )
    return tell("one_expiry", section)


def _ours(backends: Sequence[str], tasks: int, expiries: int) -> Sequence[Met]:
    """A home of their own, and the server's word for how often it was asked."""
    clock, answer_after = WorldClock(), (SERVER_SECONDS, SERVER_SECONDS)
    with ExitStack() as stack:
        home = stack.enter_context(on_disk())
        server = stack.enter_context(Server(clock, Pauses(before=(0, 0), after=answer_after), ttl=TTL))
        server.introduce_to(home)
        sign_in(home, clock)
        programs = [stack.enter_context(Program(app, home, clock, backend, tasks)) for backend in backends]
        met = meet(programs, clock, expiries=expiries)
        report = server.report()
    asked = report.notes["refreshed"] + sum(report.refusals().values())
    assert asked == len(met) + sum(len(each.exchanges) for each in met)  # with those of one alone
    return met


def _both(number: int) -> list[str]:
    """Event loops, by turns."""
    return [("asyncio", "trio")[each % 2] for each in range(number)]


def _theirs(names: Sequence[str], processes: int, callers: int) -> Theirs:
    meetings = {
        name: meet_in(PEERS[name], name, processes=processes, callers=callers, seconds=SERVER_SECONDS) for name in names
    }
    return {name: meeting for name, meeting in meetings.items() if meeting is not None}


# what came of it -----------------------------------------------------------------------------------------------------


def _table(who: str, ours: Ours, theirs: Theirs) -> Table:
    rows: list[tuple[object, ...]] = [(who, "requests", "got a token", "the others", "the last one waited")]
    for name, (first, *_) in ours.items():
        rows.append((f"signedin, {name}", len(first.exchanges), *_outcome(first.waits, first.failures)))
    for name, meeting in sorted(theirs.items(), key=lambda item: item[1].statuses.total()):
        asked = meeting.asked
        rows.append((f"{name} {asked.version}", meeting.statuses.total(), *_outcome(asked.waits, asked.failures)))
    return rows


def _outcome(waits: Sequence[float], failures: Sequence[str]) -> tuple[str, str, str]:
    served = f"{len(waits)} of {len(waits) + len(failures)}"
    last = f"{max(waits) * 1000:.0f} ms" if waits else "–"
    return served, ", ".join(sorted(set(failures))) or "–", last


def _beyond(ours: Ours) -> Table:
    rows: list[tuple[object, ...]] = [("signedin, all expiries", "the server", "one alone", "the last of all after it")]
    for who, met in ours.items():
        server = [seconds for each in met for seconds in each.exchanges]
        alone, beyond = [each.alone for each in met], [each.beyond for each in met]
        rows.append((who, *map(milliseconds, (server, alone, beyond))))
    return rows


def _one_for_all(who: str, met: Sequence[Met]) -> tuple[Promise, Promise]:
    most, without = max(len(each.exchanges) for each in met), sum(len(each.failures) for each in met)
    return (
        Promise(name=f"{who}: requests for an expiry, at the most", measured=most, at_most=1, unit="requests"),
        Promise(name=f"{who}: left without a token", measured=without, at_most=0, unit="callers"),
    )


def _on_time(who: str, met: Sequence[Met]) -> Promise:
    beyond = percentile([each.beyond for each in met], 0.5) * 1000
    return Promise(name=f"{who}: the last one beyond one alone", measured=beyond, at_most=PROMISE, unit="ms")


if __name__ == "__main__":
    sys.exit(main())
