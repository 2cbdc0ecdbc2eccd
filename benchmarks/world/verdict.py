"""Owns the judgement of a kill: where it hit, what the next process found, and whether that is explained.

It holds three records against each other: what the killed process had come back with, what lies on disk, and what the
server did. It starts nothing and asks nobody.
"""

from collections import Counter
from dataclasses import dataclass

from signedin import State
from world.server import Report

OLD, NEW, DOUBT = "old session works", "new session works", "in doubt, then works"
INTERRUPTED, AGAIN, UNEXPLAINED = "Expired (refresh-interrupted)", "killed again meanwhile", "unexplained"
OUTCOMES = (OLD, NEW, DOUBT, INTERRUPTED, AGAIN, UNEXPLAINED)

PAUSE, INTENDED, SENT = "between two refreshes", "intent written, nothing sent", "sent, not decided by the server"
DECIDED, ANSWERED, SAVED = "decided by the server, not answered", "answered, not saved", "saved, not announced"
EARLIER = "in an earlier doubt, nothing sent"
PHASES = (PAUSE, INTENDED, SENT, DECIDED, ANSWERED, SAVED, EARLIER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kill:
    """One kill. Times are `time.monotonic()`; `announced` is the last generation that any process had come back with.

    `report` is the server's record once everything that was sent to it was carried out, and `signed_in_as` the
    generation of the sign-in whose rotations it counts.
    """

    begun_at: float
    at: float
    announced: int
    report: Report
    signed_in_as: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """Where the account stood when the next process opened it, before it did anything."""

    state: State
    generation: int
    in_doubt: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What came of using the session: `error` says why it could not be used, None where it works."""

    state: State
    generation: int
    case: str | None
    error: str | None = None


class Verdicts:
    """What was found, by phase and outcome; `complaints` say why something is unexplained."""

    def __init__(self) -> None:
        self.counts = Counter[tuple[str, str]]()
        self.complaints: list[str] = []

    def killed_again(self, kill: Kill, opened: Opened) -> None:
        """The next process was itself killed while it found out; what the two left together is judged after it."""
        self._count(kill, opened, AGAIN)

    def judge(self, kill: Kill, opened: Opened, found: Found, report: Report) -> None:
        """The next process told what it found; `report` is the server's record by then."""
        self._count(kill, opened, _outcome(kill, opened, found, report), f"{found}, {report}")

    def close(self, report: Report) -> None:
        """Every sign-in that the server has ended was told of, once."""
        told = self.total(outcome=INTERRUPTED)
        if report.ended != told:
            self.complain(f"the server ended {report.ended} sign-ins, and {told} were told of")

    def complain(self, text: str) -> None:
        """Something that must not be."""
        self.complaints.append(text)

    def total(self, *, phase: str | None = None, outcome: str | None = None) -> int:
        """How many kills hit in the phase and came to the outcome; None for any."""
        return sum(
            count for (hit, came), count in self.counts.items() if phase in (None, hit) and outcome in (None, came)
        )

    def _count(self, kill: Kill, opened: Opened, outcome: str, facts: str = "") -> None:
        if opened.generation < kill.announced or not 0 <= _behind(kill, opened) <= 1:
            outcome = UNEXPLAINED
        phase = _phase(kill, opened)
        self.counts[phase, outcome] += 1
        if outcome == UNEXPLAINED:
            self.complain(f"{phase}: {kill}, {opened}, {facts}")


def _phase(kill: Kill, opened: Opened) -> str:
    if _behind(kill, opened):
        return _request_phase(kill)
    if opened.generation > kill.announced:
        return SAVED
    return INTENDED if opened.in_doubt else PAUSE


def _request_phase(kill: Kill) -> str:
    """How far the server was with the request of the process that was killed, if that had sent one."""
    newest = kill.report.newest
    if newest is None or newest.arrived_at < kill.begun_at:
        return EARLIER
    if newest.decided_at is None or kill.at < newest.decided_at:
        return SENT
    return DECIDED if newest.answered_at is None or kill.at < newest.answered_at else ANSWERED


def _outcome(kill: Kill, opened: Opened, found: Found, report: Report) -> str:
    in_step = found.generation == kill.signed_in_as + report.rotations
    if found.error is None:
        if not in_step or report.ending is not None:
            return UNEXPLAINED
        if opened.in_doubt:
            return DOUBT
        return NEW if opened.generation > kill.announced else OLD
    interrupted = found.state is State.EXPIRED and found.case == "refresh-interrupted"
    return INTERRUPTED if interrupted and _is_lost(kill, opened, found, report) else UNEXPLAINED


def _is_lost(kill: Kill, opened: Opened, found: Found, report: Report) -> bool:
    """Whether the server had rotated once more than anybody saved, and then only refused."""
    unsaved = opened.generation == found.generation and _behind(kill, opened) == 1
    return unsaved and report.rotations == kill.report.rotations and report.ending == "reused"


def _behind(kill: Kill, opened: Opened) -> int:
    """How many rotations of the server the disk lacks."""
    return kill.signed_in_as + kill.report.rotations - opened.generation
