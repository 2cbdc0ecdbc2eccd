"""Owns `Place`: a state of one account, as one object, so that a plain step is compared by identity alone."""

from dataclasses import dataclass

from signedin.states import State


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """Where an account stands."""

    account: str
    state: State


ELSEWHERE = Place("", State.DISCONNECTED)
"""Where a run stands whose next line has to be looked at."""
NOWHERE = Place("", State.DISCONNECTED)
"""Where a step begins that is not plain: no run ever stands there."""


def places(account: str) -> dict[State, Place]:
    """All places of an account."""
    return {state: Place(account, state) for state in State}
