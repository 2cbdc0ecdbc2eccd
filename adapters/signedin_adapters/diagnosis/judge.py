"""Owns judging lines one by one: whether a step can be, whether it follows, what the machine says, which cases stand.

It sees every line that is not plain (`sweep`), in the order of the log, and keeps what is bounded. It never raises.
"""

import re

from signedin.states import State
from signedin_adapters.diagnosis.history import SIGN_IN, Sighting
from signedin_adapters.diagnosis.kind import OPENING, OWN_CASE, UNSETTLING, Kind
from signedin_adapters.diagnosis.legality import Illegal
from signedin_adapters.diagnosis.line import STARTED, Record, at_of, case_of, parse, prefix, request_id_of, words
from signedin_adapters.diagnosis.replay import LINES
from signedin_adapters.diagnosis.run import BREAKS, Run, Track
from signedin_adapters.diagnosis.runs import Runs
from signedin_adapters.diagnosis.shape import Shape, Shapes
from signedin_adapters.diagnosis.timeline import Timeline

MANY = 32
"""Lines of one run, of which some have to go."""

_FLAG = re.compile(rb'"flag": ?"([a-z_]+)"')
_SUCCEEDED, _POLL_FAILED = "call.succeeded", "poll.failed"


class Judge:
    """`records` counts the lines that were judged, `skipped` those that are none of ours.

    Episodes that ended before `since` (RFC 3339 in UTC, as lines have it) do not count.
    """

    def __init__(self, *, since: str = "", timeline: Timeline | None = None) -> None:
        self.records = self.skipped = 0
        self.runs, self.shapes = Runs(self.finish), Shapes(watched=timeline is not None)
        self._since, self._timeline = since, timeline

    def read(self, line: bytes) -> None:
        """Judge a line of which nothing is known yet."""
        record = parse(line)
        if record is None:
            self.skipped += 1
            return
        shape, seq, started = self.shapes.of(record), int(str(record["seq"])), record["event"] == STARTED
        if shape is not None:
            self.take(prefix(record), seq, shape, line)
        elif (run := self._next(prefix(record), seq, line, started=started)) is not None:
            if started:
                run.markers = words(record, "markers")
            else:
                self._hear_beside(run, record, line)

    def take(self, start: bytes, seq: int, shape: Shape, line: bytes) -> None:
        """Judge a transition."""
        run = self._next(start, seq, line)
        if run is None:
            return
        at, kind, track = at_of(line), shape.kind, run.turn_to(shape.history)
        before, track.state = track.state, kind.to
        if reason := _broken(run, before, kind):
            _note(track, Illegal(seq=seq, at=at, way=(kind.source, kind.trigger, kind.to), reason=reason))
        else:
            self._keep(track, kind, line)
        self._hear(run, shape, at, line)
        run.go_on()

    def thin_out(self) -> None:
        """Keep a few lines of each run; where they cannot be spared, the machine takes them."""
        for run in self.runs.values():
            if run.track is not None and (len(run.waiting) > MANY or run.track.replay.due):
                run.remember()
                self._catch_up(run.track)
                self._thin_out(run.track)

    def finish(self, run: Run) -> None:
        """Nothing more is to come of it: what it left unsettled is replayed."""
        run.remember()
        for track in run.tracks:
            self._catch_up(track)

    def _keep(self, track: Track, kind: Kind, line: bytes) -> None:
        """Keep the line for the machine, which takes a trouble and all that belongs to it, to its end, before long."""
        if len(track.replay.waiting) > LINES:
            self._catch_up(track)
            self._thin_out(track)
        track.replay.waiting.append(line)
        if kind.case is not None or kind.trigger in UNSETTLING or not track.replay.settled:
            track.replay.need()

    def _thin_out(self, track: Track) -> None:
        track.replay.thin_out()
        if len(track.replay.waiting) > LINES:
            track.replay.need()
            self._catch_up(track)

    def _catch_up(self, track: Track) -> None:
        """Let the machine take what is due."""
        if track.replay.due and (illegal := track.replay.catch_up()) is not None:
            _note(track, illegal)

    def _next(self, start: bytes, seq: int, line: bytes, *, started: bool = False) -> Run | None:
        """The run of a line, which is its last one now; None for a line that was there before."""
        run = self.runs.get(start)
        if run is None:
            run = self.runs.begin(start, line)
            if started and seq == 0:
                run.whole = True
            elif not self.runs.folded:  # else its beginning may be among those
                run.cut(after=None, before=seq, at=at_of(line))
        elif seq < run.next:
            return None
        elif seq > run.next:
            run.cut(after=run.next - 1, before=seq, at=at_of(line))
        self.records += 1
        run.count(seq, line)
        return run

    def _hear(self, run: Run, shape: Shape, at: str, line: bytes) -> None:
        """What the step says about troubles: which are over, and which there is."""
        history, kind = shape.history, shape.kind
        if history.active:
            history.hear(kind, run=run.id, at=at, lowered=_lowered(kind, line))
        if kind.trigger == "SessionCommitted" and kind.to is State.CONNECTED:
            for other in self.shapes.histories.values():
                other.end_sign_ins()
        if kind.trigger in OPENING:
            self.shapes.unnamed.get_past(kind.trigger, at=at)
        history.held |= kind.to is State.CONNECTED
        if kind.case is not None and not history.lasts(kind.case, run=run.id, at=at, episode=kind.episode):
            sighting = Sighting(
                case=kind.case,
                run=run.id,
                at=at,
                markers=run.markers,
                request_id=_request_id(line),
                episode=kind.episode,
                at_sign_in=(kind.trigger in OWN_CASE and kind.trigger != "FlagRaised") or history.carries(kind),
            )
            history.see(sighting, since=self._since)
        if self._timeline is not None and at >= self._since:
            self._timeline.note(at, history.account, kind)

    def _hear_beside(self, run: Run, record: Record, line: bytes) -> None:
        """What went wrong beside the machine."""
        history, case, call, at = self.shapes.history(record), case_of(record), _word(record, "call"), at_of(line)
        if history is None:
            return
        if record["event"] == _SUCCEEDED and call is not None:
            history.succeed(call, at=at)
        if case is None:
            return
        sighting = Sighting(
            case=case,
            run=run.id,
            at=at,
            markers=run.markers,
            request_id=request_id_of(record),
            episode=_word(record, "episode") or _word(record, "attempt"),
            call=call,
            at_sign_in=call == SIGN_IN or record["event"] == _POLL_FAILED,
            outside=True,
        )
        if not history.told(sighting):
            history.see(sighting, since=self._since)


def _broken(run: Run, before: State | None, kind: Kind) -> str | None:
    """Why the step cannot be. In a run whose beginning is not there, what does not follow may be what was not kept."""
    if not kind.legal:
        return "no-such-step"
    return "does-not-follow" if run.whole and before is not None and before is not kind.source else None


def _note(track: Track, illegal: Illegal) -> None:
    track.replay.end()
    if len(track.illegal) < BREAKS:
        track.illegal.append(illegal)


def _word(record: Record, name: str) -> str | None:
    found = record.get(name)
    return found if isinstance(found, str) else None


def _lowered(kind: Kind, line: bytes) -> str | None:
    """The flag that the step lowered, if it lowered one."""
    found = _FLAG.search(line) if kind.trigger == "FlagCleared" else None
    return None if found is None else found[1].decode()


def _request_id(line: bytes) -> str | None:
    if b'"request_id":"' not in line:
        return None
    record = parse(line)
    return None if record is None else request_id_of(record)
