"""Owns the way through a block of lines. Most say nothing but that all is well, and are known by their bytes.

A line of a known run is expected to have the next number, and behind its time one of the shapes that were met where its
account stands: that takes a look-up and a few comparisons, and parses nothing. All other lines go to the `Judge`. What
stands behind a plain line's generation is not looked at, unless a replay asks for it later.
"""

import re
from collections.abc import Iterable

from signedin_adapters.diagnosis.judge import Judge
from signedin_adapters.diagnosis.line import PREFIX_LENGTH, is_prefix
from signedin_adapters.diagnosis.replay import LINES
from signedin_adapters.diagnosis.shape import TIME_LENGTH

BLOCKS = 32
"""After so many the plain lines that were kept are thinned out."""
NUMBERS = 100_000
"""So many heads of lines are kept."""

_SEQ = re.compile(rb',"seq":([0-9]{1,15}),"at":"')
_RUN = slice(PREFIX_LENGTH)
_END = ord("}")


class _Heads(dict[int, tuple[bytes, slice, int]]):
    """What comes behind a line's run, by its number, with its place in the line, and where the time behind it ends."""

    def __missing__(self, number: int) -> tuple[bytes, slice, int]:
        head = b',"seq":%d,"at":"' % number
        end = PREFIX_LENGTH + len(head)
        made = head, slice(PREFIX_LENGTH, end), end + TIME_LENGTH
        if len(self) < NUMBERS:
            self[number] = made
        return made


_heads = _Heads()


def feed(judge: Judge, blocks: Iterable[list[bytes]]) -> None:
    """Judge the whole lines of one log, in their order."""
    for number, lines in enumerate(blocks, start=1):
        _sweep(judge, lines)
        if number % BLOCKS == 0:
            judge.thin_out()
    judge.thin_out()


def _sweep(judge: Judge, lines: list[bytes]) -> None:
    """Nothing is called for a plain line."""
    runs, heads, others = judge.runs, _heads, 0
    for line in lines:
        run = runs[line[_RUN]]
        head, place, start = heads[run.next]
        for shape in run.place.plain if line[place] == head else ():
            if line.startswith(shape.text, start) and line[-1] == _END:
                run.next += 1
                run.place = shape.after
                if shape.kind.renews and len(run.waiting) > LINES:
                    run.renew()
                run.waiting.append(line)
                break
        else:
            others += 1
            _look(judge, line)
    judge.records += len(lines) - others


def _look(judge: Judge, line: bytes) -> None:
    start, shape = line[:PREFIX_LENGTH], judge.shapes.in_line(line)
    seq = _number(line)
    if shape is None or seq is None or not is_prefix(start) or line[-1] != _END:
        judge.read(line)
    elif (run := judge.runs.get(start)) is None or seq >= run.next:
        judge.take(start, seq, shape, line)


def _number(line: bytes) -> int | None:
    """The line's number, where it stands as the log writes it."""
    found = _SEQ.match(line, PREFIX_LENGTH)
    return None if found is None else int(found[1])
