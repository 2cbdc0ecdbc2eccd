"""Owns what became of an account's troubles: when each was seen, how often, and whether it is over.

The newest evidence wins. A process knows its own troubles best: what it no longer names, it no longer has. What another
process suffers is over once this one was told so by the store, the provider or the API. Counted are episodes: a trouble
that stands names its case on every line.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from signedin.cases import flag_of
from signedin.states import State
from signedin_adapters.diagnosis.kind import Kind
from signedin_adapters.diagnosis.place import Place, places

if TYPE_CHECKING:
    from signedin_adapters.diagnosis.run import Run

_ENDINGS = frozenset({"SignInFailed", "SignInCancelled", "SignInTimedOut", "CodeExchangeFailed"})
_BESIDE = frozenset({"CallbackRejected", "FlagRaised"})
"""Their lines say nothing about the case that stands."""
_NEWS = frozenset(
    {
        "AccountLoaded",
        "SessionAdopted",
        "SessionCommitted",
        "SessionReplaced",
        "SessionSaved",
        "TokenRefreshed",
        "ApiAccepted",
    }
)
_OVER = frozenset({"SignOutRequested", "SignedOutElsewhere"})
OPEN, SIGN_IN = "open", "sign-in"
"""Calls, as their lines name them."""


@dataclass(slots=True, kw_only=True)
class Trouble:
    """One case of one account. `at_sign_in`: it is about an attempt. `outside`: it was named beside the machine alone.

    `call` is what failed with it, where the line says.
    """

    case: str
    account: str
    first_at: str
    last_at: str
    count: int = 1
    active: bool = True
    run: str
    markers: tuple[str, ...] = ()
    request_id: str | None = None
    episode: str | None = None
    call: str | None = None
    at_sign_in: bool = False
    outside: bool = False


@dataclass(slots=True, kw_only=True, frozen=True)
class Sighting:
    """One line that names a case: of which run, when, and what else it tells."""

    case: str
    run: str
    at: str
    markers: tuple[str, ...] = ()
    request_id: str | None = None
    episode: str | None = None
    call: str | None = None
    at_sign_in: bool = False
    outside: bool = False


@dataclass(slots=True)
class History:
    """An account's troubles by their cases. `active` are those that are not over; `held` once a session was in hand.

    `runs` are those whose last transition was the account's: while there is trouble, none of their lines is plain.
    """

    account: str
    troubles: dict[str, Trouble] = field(default_factory=dict[str, Trouble])
    active: dict[str, Trouble] = field(default_factory=dict[str, Trouble])
    held: bool = False
    runs: "set[Run]" = field(default_factory=lambda: set[Any]())
    places: dict[State, Place] = field(init=False)

    def __post_init__(self) -> None:
        self.places = places(self.account)

    def see(self, sighting: Sighting, *, since: str = "") -> None:
        """Count a new episode, or let the one that lasts go on. Episodes that ended before `since` do not count."""
        trouble = self.troubles.get(sighting.case)
        if trouble is None:
            trouble = self.troubles[sighting.case] = _begun(sighting, self.account)
        elif not self._lasts(trouble, sighting):
            counts = trouble.last_at >= since
            trouble.count = trouble.count + 1 if counts else 1
            trouble.first_at = trouble.first_at if counts else sighting.at
        trouble.last_at, trouble.active = max(trouble.last_at, sighting.at), True
        trouble.run, trouble.markers = sighting.run, sighting.markers
        trouble.request_id, trouble.episode = sighting.request_id or trouble.request_id, sighting.episode
        trouble.at_sign_in, trouble.outside, trouble.call = sighting.at_sign_in, sighting.outside, sighting.call
        self.active[sighting.case] = trouble
        for run in self.runs:
            run.pause()

    def lasts(self, case: str, *, run: str, at: str, episode: str | None) -> bool:
        """Whether the line tells nothing but that a trouble of the same run goes on."""
        trouble = self.active.get(case)
        if trouble is None or trouble.run != run or episode is not None:
            return False
        trouble.last_at, trouble.outside = max(trouble.last_at, at), False
        return True

    def carries(self, kind: Kind) -> bool:
        """Whether the line tells nothing of the case but that a sign-in failed for it, when nobody was signed in."""
        trouble = self.active.get(kind.case or "")
        return trouble is not None and trouble.at_sign_in and kind.source is State.DISCONNECTED

    def told(self, sighting: Sighting) -> bool:
        """Whether a line beside the machine tells what the same run told before, and nothing new."""
        trouble = self.troubles.get(sighting.case)
        if trouble is None or trouble.run != sighting.run:
            return False
        unknown = None in (trouble.episode, sighting.episode)
        if not (trouble.active if unknown else trouble.episode == sighting.episode):
            return False
        trouble.last_at = max(trouble.last_at, sighting.at)
        trouble.request_id = trouble.request_id or sighting.request_id
        return True

    def succeed(self, call: str, *, at: str) -> None:
        """End what the call failed with before."""
        for trouble in tuple(self.active.values()):
            if trouble.outside and trouble.call == call and trouble.last_at <= at:
                self._end(trouble)

    def get_past(self, trigger: str, *, at: str) -> None:
        """Somebody opened an account, which ends what was about opening, or signed in, which ends all."""
        for trouble in tuple(self.active.values()):
            if trouble.last_at <= at and (trigger == "SessionCommitted" or trouble.call == OPEN):
                self._end(trouble)

    def hear(self, kind: Kind, *, run: str, at: str, lowered: str | None = None) -> None:
        """End what the step shows to be over; `lowered` is the flag that it lowered."""
        for trouble in tuple(self.active.values()):
            if trouble.case != kind.case and _ends(trouble, kind, run=run, at=at, lowered=lowered):
                self._end(trouble)

    def end_sign_ins(self) -> None:
        """Somebody signed in, if to another account: what failed for one that nobody ever had is over."""
        for trouble in tuple(self.active.values()):
            if trouble.at_sign_in and not self.held:
                self._end(trouble)

    def _end(self, trouble: Trouble) -> None:
        trouble.active = False
        del self.active[trouble.case]

    def _lasts(self, trouble: Trouble, sighting: Sighting) -> bool:
        if sighting.episode is None or (trouble.outside and trouble.run == sighting.run):
            return trouble.active
        return trouble.episode == sighting.episode


def _begun(sighting: Sighting, account: str) -> Trouble:
    return Trouble(case=sighting.case, account=account, first_at=sighting.at, last_at=sighting.at, run=sighting.run)


def _ends(trouble: Trouble, kind: Kind, *, run: str, at: str, lowered: str | None) -> bool:
    same, flag = trouble.run == run, flag_of(trouble.case)
    if not same and at < trouble.last_at:
        return False
    if kind.trigger in _OVER:
        return True
    if trouble.at_sign_in and (kind.trigger, kind.to) == ("SessionCommitted", State.CONNECTED):
        return True
    if flag is not None:
        told = same or kind.trigger in ("AccountLoaded", "SessionCommitted") or lowered == flag.value
        return told and flag.value not in kind.flags
    if kind.silent or kind.trigger in _BESIDE:
        return False
    if kind.trigger in _ENDINGS:
        return trouble.at_sign_in
    if same and not trouble.outside:
        return True
    return kind.case is None and kind.to is State.CONNECTED and kind.trigger in _NEWS
