"""Owns what happened, in order: the requests that the server saw and the transitions of the connection.

Both come from threads of their own. It shows nothing.
"""

from dataclasses import dataclass
from threading import Condition

from signedin import State, Transition
from signedin_adapters.sandbox import RequestRecord


@dataclass(slots=True, kw_only=True)
class Request:
    """One request. `status` is filled in later where the answer takes longer than what it brings about."""

    method: str
    path: str
    status: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Where the connection stands now, and the case that it has since."""

    state: State
    case: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A request and the move that followed it at once, or one of both."""

    request: Request | None = None
    move: Move | None = None


class Ledger:
    """Takes entries from any thread; gives them as rows to the one that shows them."""

    def __init__(self) -> None:
        self._entries: list[Request | Move] = []
        self._changed = Condition()
        self._stands = Move(state=State.DISCONNECTED, case=None)

    def saw(self, record: RequestRecord) -> None:
        """The server answered a request."""
        self.sent(Request(method=record.method, path=record.path, status=record.status, note=record.note))

    def sent(self, request: Request) -> Request:
        """A request went out that the server will not see."""
        with self._changed:
            self._entries.append(request)
        return request

    def moved(self, transition: Transition) -> None:
        """The connection told of a transition; only what people see is kept."""
        move = Move(state=transition.state, case=transition.case)
        with self._changed:
            if move != self._stands:
                news = move.case if move.case != self._stands.case else None
                self._entries.append(Move(state=move.state, case=news))
            self._stands = move
            self._changed.notify_all()

    def rows(self, *, until: Move, seconds: float) -> list[Row]:
        """What came since the last call, oldest first, once the connection has told that it stands at `until`."""
        with self._changed:
            self._changed.wait_for(lambda: self._stands == until, timeout=seconds)
            entries, self._entries = self._entries, []
        rows: list[Row] = []
        for entry in entries:
            if isinstance(entry, Request):
                rows.append(Row(request=entry))
            elif rows and rows[-1].move is None:
                rows[-1] = Row(request=rows[-1].request, move=entry)
            else:
                rows.append(Row(move=entry))
        return rows
