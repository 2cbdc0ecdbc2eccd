"""Owns `Place`: a state of one account, and the plain steps that were seen to lead on from there."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from signedin.states import State

if TYPE_CHECKING:
    from signedin_adapters.diagnosis.shape import Shape

SHAPES = 8
"""So many are known of one place, the latest ones."""


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """Where an account stands. `plain` are the shapes that lines from there had."""

    account: str
    state: State
    plain: "list[Shape]" = field(default_factory=lambda: list[Any]())

    def know(self, shape: "Shape") -> None:
        """Expect lines of this shape."""
        if shape not in self.plain:
            self.plain.append(shape)
            del self.plain[:-SHAPES]


ELSEWHERE = Place("", State.DISCONNECTED)
"""Where a run stands whose next line has to be looked at."""


def places(account: str) -> dict[State, Place]:
    """All places of an account."""
    return {state: Place(account, state) for state in State}
