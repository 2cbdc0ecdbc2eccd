"""Owns how the demo looks: headings, rows of two columns, sentences, a streamed answer. It knows no act.

Below 80 columns, and for screen readers, a state stands under the request that brought it about, not beside it.
"""

from collections.abc import Iterator
from shutil import get_terminal_size
from textwrap import wrap
from time import sleep

from signedin import State
from signedin_adapters.cli.demo.ledger import Move, Request, Row
from signedin_adapters.cli.output import Output, shown

WIDEST, NARROWEST_PAIR = 96, 80
STATE_COLUMN = 21
INDENT = "   "
ROW_SECONDS = 0.06
"""A terminal gets the rows at a pace that can be followed."""


class Layout:
    """Writes to one output, at the width it has now."""

    def __init__(self, out: Output) -> None:
        self._out = out
        self.width = min(get_terminal_size().columns, WIDEST)
        self._paired = self.width >= NARROWEST_PAIR and not out.plain
        self._request_column = self.width - len(INDENT) - STATE_COLUMN - 2 if self._paired else self.width - len(INDENT)
        self._column = 0
        self._last = "opening"

    def opening(self, text: str) -> None:
        """The first words."""
        self._out.line(text)

    def heading(self, number: int, title: str, sentence: str) -> None:
        """What the next act shows, and why it matters."""
        self._out.line()
        self._out.line(self._out.strong(f"{number}  {title}"))
        self._sentences(sentence)
        self._last = "heading"

    def columns(self, state: State) -> None:
        """What stands in the columns, once, and where the connection stands at first."""
        self._after("row")
        if self._paired:
            requests = f"{'REQUESTS':<{self._request_column}}"
            self._out.line(self._out.quiet(f"{INDENT}{requests}  CONNECTION"))
            self._out.line(f"{INDENT}{'':<{self._request_column}}  {state.value.capitalize()}")

    def row(self, row: Row) -> None:
        """A request and what the connection made of it."""
        self._after("row")
        if self._out.terminal:
            sleep(ROW_SECONDS)
        request = "" if row.request is None else self._request(row.request)
        moves = [] if row.move is None else self._move(row.move)
        for line in self._beside(row, request, moves) if self._paired else self._below(request, moves):
            self._out.line(f"{INDENT}{line}")

    def say(self, text: str) -> None:
        """A sentence or two."""
        self._after("said")
        self._sentences(text)

    def aside(self, label: str, text: str) -> None:
        """A sentence with a word in front that says what it is."""
        self._after("said")
        lines = wrap(shown(text), self.width - len(INDENT) - 14)
        for number, line in enumerate(lines):
            name = " " * 12 if number else self._out.quiet(f"{label:<12}")
            self._out.line(f"{INDENT}{name}  {line}")

    def stream(self, piece: str) -> None:
        """A piece of an answer, at once, broken between words."""
        self._after("streamed")
        for word in shown(piece).split():
            if not self._column or self._column + 1 + len(word) > self.width:
                self._out.write(f"\n{INDENT}{word}" if self._column else f"{INDENT}{word}")
                self._column = len(INDENT) + len(word)
            else:
                self._out.write(f" {word}")
                self._column += 1 + len(word)

    def end_stream(self) -> None:
        """The answer is whole."""
        self._out.line()
        self._column = 0

    def _after(self, kind: str) -> None:
        """An empty line between what is of different kinds."""
        if kind != self._last:
            self._out.line()
        self._last = kind

    def _sentences(self, text: str) -> None:
        for line in wrap(shown(text), self.width - len(INDENT)):
            self._out.line(f"{INDENT}{line}")

    def _beside(self, row: Row, request: str, moves: list[str]) -> Iterator[str]:
        first, *rest = moves or [""]
        gap = " " * (self._request_column - self._length(row.request) + 2)
        yield f"{request}{gap}{first}".rstrip()
        for move in rest:
            yield f"{' ' * (self._request_column + 2)}{move}"

    def _below(self, request: str, moves: list[str]) -> Iterator[str]:
        if request:
            yield request
        for move in moves:
            yield f"{INDENT}{move}"

    def _request(self, request: Request) -> str:
        status = "---" if request.status is None else str(request.status)
        dressed = self._out.bad(status) if request.status is None or request.status >= 400 else self._out.good(status)
        return f"{dressed} {request.method:<4} {request.path}{self._out.quiet(self._note(request))}"

    def _note(self, request: Request) -> str:
        room = self._request_column - len(f"200 POST {request.path}")
        note = f"  {request.note}" if request.note else ""
        return note if len(note) <= room else f"{note[: max(room - 1, 0)]}…"

    def _length(self, request: Request | None) -> int:
        return 0 if request is None else len(f"200 POST {request.path}{self._note(request)}")

    def _move(self, move: Move) -> list[str]:
        name = f"→ {move.state.value.capitalize()}"
        if move.state is State.CONNECTED:
            name = self._out.good(name)
        elif move.state in (State.EXPIRED, State.ERROR):
            name = self._out.bad(name)
        return [name] if move.case is None else [name, self._out.quiet(move.case)]
