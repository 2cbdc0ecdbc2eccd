"""Owns the way through a block of lines. Most say nothing but that all is well, and are known by their bytes.

A line of a known run is expected to have the next number, and behind its time one of the shapes met before: that takes
two comparisons and a look-up, and parses nothing. All other lines go to the `Judge`. What stands behind a plain line's
generation is not looked at, unless a replay asks for it later.
"""

import re
from collections.abc import Iterable
from itertools import repeat

from signedin_adapters.diagnosis.judge import Judge
from signedin_adapters.diagnosis.line import PREFIX_LENGTH, is_prefix
from signedin_adapters.diagnosis.run import NOBODY
from signedin_adapters.diagnosis.shape import ODD, TIME_LENGTH, WINDOW

BLOCKS = 32
"""After so many the plain lines that were kept are thinned out."""
NUMBERS = 100_000
"""So many heads of lines are kept."""

_SEQ = re.compile(rb',"seq":([0-9]{1,15}),"at":"')


class _Heads(dict[int, tuple[bytes, int]]):
    """What comes behind a line's run, by its number, and where its time ends."""

    def __missing__(self, number: int) -> tuple[bytes, int]:
        head = b',"seq":%d,"at":"' % number
        made = head, PREFIX_LENGTH + len(head) + TIME_LENGTH
        if len(self) < NUMBERS:
            self[number] = made
        return made


_heads = _Heads()


def feed(judge: Judge, blocks: Iterable[list[bytes]]) -> None:
    """Judge the whole lines of one log, in their order."""
    for number, lines in enumerate(blocks, start=1):
        if all(map(bytes.endswith, lines, repeat(b"}"))):
            _sweep(judge, lines)
        else:
            for line in lines:
                judge.read(line)
        if number % BLOCKS == 0:
            judge.thin_out()
    judge.thin_out()


def _sweep(judge: Judge, lines: list[bytes]) -> None:
    """Nothing is called for a plain line."""
    runs, shapes, heads, others = judge.runs, judge.shapes.by_window, _heads, 0
    for line in lines:
        run = runs.get(line[:PREFIX_LENGTH], NOBODY)
        number = run.next
        head, start = heads[number]
        if line.startswith(head, PREFIX_LENGTH):
            shape = shapes.get(line[start : start + WINDOW], ODD)
            if run.place is shape.before and line.startswith(shape.rest, start + WINDOW):
                run.next = number + 1
                run.place = shape.after
                run.waiting.append(line)
                continue
        others += 1
        _look(judge, line)
    judge.records += len(lines) - others


def _look(judge: Judge, line: bytes) -> None:
    start, shape = line[:PREFIX_LENGTH], judge.shapes.in_line(line)
    seq = _number(line)
    if shape is ODD or seq is None or not is_prefix(start):
        judge.read(line)
        return
    if (run := judge.runs.get(start)) is None or seq >= run.next:
        judge.take(start, seq, shape, line)


def _number(line: bytes) -> int | None:
    """The line's number, where it stands as the log writes it."""
    found = _SEQ.match(line, PREFIX_LENGTH)
    return None if found is None else int(found[1])
