"""Owns `Run`: one process's life with its accounts, as far as the log has told it, and where that is broken."""

from dataclasses import dataclass, field

from signedin.states import State
from signedin_adapters.diagnosis.history import History
from signedin_adapters.diagnosis.legality import Illegal
from signedin_adapters.diagnosis.line import PREFIX_LENGTH, at_of, run_of
from signedin_adapters.diagnosis.place import ELSEWHERE, Place
from signedin_adapters.diagnosis.replay import Replay

BREAKS = 8
"""So many are told of one run; the others are of no further use."""
TRACKS = 64
"""Accounts of one run; no process has so many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """Lines that are not there: those after number `after` (None: from the beginning on) and before number `before`."""

    after: int | None
    before: int
    at: str


@dataclass(slots=True)
class Track:
    """One account in one run. `state` is where it stood at the last line that was not plain, None: not known."""

    history: History
    state: State | None
    replay: Replay = field(default_factory=Replay)
    illegal: list[Illegal] = field(default_factory=list[Illegal])


class Run:
    """`next` is the number that the next line must have; `whole` says that no line was missed so far.

    `place` is where the account of the last transition stands, for as long as plain lines follow: they move it, and add
    themselves to `waiting`, which is that account's replay's.
    """

    __slots__ = ("_last", "_tracks", "cuts", "id", "markers", "next", "place", "track", "waiting", "whole")

    def __init__(self, prefix: bytes, line: bytes) -> None:
        self.id, self.next, self.whole = run_of(prefix), 0, False
        self.place: Place = ELSEWHERE
        self.waiting: list[bytes] = []
        self.markers: tuple[str, ...] = ()
        self.cuts: list[Cut] = []
        self.track: Track | None = None
        self._last = line
        self._tracks: dict[str, Track] = {}

    @property
    def tracks(self) -> tuple[Track, ...]:
        """All accounts of the run."""
        return tuple(self._tracks.values())

    @property
    def last_at(self) -> str:
        """When the last line was, RFC 3339."""
        return max(at_of(self._last), at_of(self.waiting[-1]) if self.waiting else "")

    def count(self, seq: int, line: bytes) -> None:
        """Take the line as the last one."""
        self.next, self._last = seq + 1, line

    def remember(self) -> None:
        """Keep the last plain line as the last one: what waits is about to be forgotten."""
        if self.waiting and at_of(self.waiting[-1]) >= at_of(self._last):
            self._last = self.waiting[-1]

    def turn_to(self, history: History) -> Track:
        """The track of this account, which is the current one now. In a whole run all begin where the machine does."""
        self.pause()
        track = self._tracks.get(history.account)
        if track is None:
            track = Track(history, State.DISCONNECTED if self.whole else None)
            if not self.whole:
                track.replay.end()
            if len(self._tracks) < TRACKS:
                self._tracks[history.account] = track
        if self.track is not track:
            self._leave()
            self.track, self.waiting = track, track.replay.waiting
            history.runs.add(self)
        return track

    def pause(self) -> None:
        """No line is plain until the run goes on."""
        if self.track is not None:
            self.track.state = self.state_of(self.track)
        self.place = ELSEWHERE

    def state_of(self, track: Track) -> State | None:
        """Where a track stands."""
        return self.place.state if track is self.track and self.place is not ELSEWHERE else track.state

    def go_on(self) -> None:
        """From here on lines may be plain again, unless the account is in trouble."""
        track = self.track
        if track is not None and track.state is not None and not track.history.active:
            self.place = track.history.places[track.state]

    def renew(self) -> None:
        """The next line of the current track tells how the machine stands."""
        if self.track is not None:
            self.track.replay.renew()

    def cut(self, *, after: int | None, before: int, at: str) -> None:
        """Lines are not there: what comes need not follow on what was."""
        self.pause()
        self.whole = False
        if len(self.cuts) < BREAKS:
            self.cuts.append(Cut(after=after, before=before, at=at))
        for track in self.tracks:
            track.state = None
            track.replay.end()

    def close(self) -> None:
        """Nothing more is kept of it."""
        self.pause()
        self._leave()

    def _leave(self) -> None:
        if self.track is not None:
            self.track.history.runs.discard(self)


NOBODY = Run(b" " * PREFIX_LENGTH, b"")
"""The run of lines that begin none; no line follows on it."""
NOBODY.next = -1
