"""Owns `Kind`: what there is to say of a transition beside its account, its time and its number."""

from dataclasses import dataclass

from signedin.states import Flag, State
from signedin_adapters.diagnosis.legality import LEFT, LEGAL, TRIGGERS, Way
from signedin_adapters.diagnosis.line import Record, case_of, words
from signedin_adapters.log.lines import WITHHELD

OWN_CASE = frozenset(
    {
        "CallbackRejected",
        "SignInFailed",
        "SignInCancelled",
        "SignInTimedOut",
        "CodeExchangeFailed",
        "FlagRaised",
    }
)
"""Events whose lines name their own case, and not the one that stands."""

UNSETTLING = frozenset({"ApiUnauthorized", "RetryDue", "RetryRequested"})
"""Events that the machine remembers longer than until the next session."""
OPENING = frozenset({"AccountLoaded", "SessionCommitted"})
"""Events that say something about other accounts as well."""
RENEWING: frozenset[Way] = frozenset(
    {
        (State.DISCONNECTED, "AccountLoaded", State.CONNECTED),
        (State.AUTHORIZING, "SessionCommitted", State.CONNECTED),
        (State.REFRESHING, "TokenRefreshed", State.CONNECTED),
        (State.REFRESHING, "SessionAdopted", State.CONNECTED),
        (State.CONNECTED, "SessionReplaced", State.CONNECTED),
    }
)
"""Steps after which the machine remembers nothing of what was before, unless they name a case."""
_STATES = {state.value: state for state in State}
_FLAGS = frozenset(flag.value for flag in Flag)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of transition, whichever account's it is.

    `episode` names what the case belongs to, where the line tells. A `silent` one says nothing about the case that
    stands, since what it names was left where it was. Of a `plain` one there is no more to be said than where it leads.
    One that `renews` tells how the machine stands, whatever was before.
    """

    source: State
    trigger: str
    to: State
    case: str | None
    flags: frozenset[str]
    episode: str | None
    legal: bool
    silent: bool
    plain: bool
    renews: bool


def kind_of(record: Record, *, watched: bool) -> Kind | None:
    """The kind of a transition; None for what this version does not know. `watched`: no change of state is plain."""
    source, to, trigger = _state(record.get("from")), _state(record.get("to")), record.get("trigger")
    if source is None or to is None or not isinstance(trigger, str) or trigger not in TRIGGERS:
        return None
    way = source, trigger, to
    legal, silent = way in LEGAL, way in LEFT
    case = None if silent else case_of(record)
    told = silent or case is not None or (watched and (source is not to or trigger in OWN_CASE))
    return Kind(
        source=source,
        trigger=trigger,
        to=to,
        case=case,
        flags=frozenset(words(record, "flags")) & _FLAGS,
        episode=_episode(record, trigger),
        legal=legal,
        silent=silent,
        plain=legal and not told and trigger not in UNSETTLING and trigger not in OPENING,
        renews=way in RENEWING and case is None,
    )


def _state(word: object) -> State | None:
    return _STATES.get(word) if isinstance(word, str) else None


def _episode(record: Record, trigger: str) -> str | None:
    for name in ("episode", "attempt") if trigger in OWN_CASE else ("episode",):
        found = record.get(name)
        if isinstance(found, str) and found != WITHHELD:
            return found
    return None
