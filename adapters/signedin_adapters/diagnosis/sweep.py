"""Owns the way through a block of lines. Most say nothing but that all is well, and are known by their bytes.

A block's columns are taken apart in one go each; a plain line is compared with the one before, and all others go to the
`Judge`. What stands behind a plain line's generation is not looked at, unless a replay asks for it later.
"""

from collections.abc import Iterable
from itertools import repeat
from operator import itemgetter

from signedin_adapters.diagnosis.judge import Judge
from signedin_adapters.diagnosis.line import PREFIX_LENGTH, is_prefix
from signedin_adapters.diagnosis.run import NOBODY
from signedin_adapters.diagnosis.shape import AFTER, BEFORE, ODD, Shape

BLOCKS = 16
"""After so many the plain lines that were kept are thinned out."""

_prefix = itemgetter(slice(0, PREFIX_LENGTH))
_seq = itemgetter(slice(PREFIX_LENGTH + len(b',"seq":'), -len(b',"at":"2026-11-23T00:00:00.000000Z"')))
_first = itemgetter(0)


def feed(judge: Judge, blocks: Iterable[list[bytes]]) -> None:
    """Judge the whole lines of one log, in their order."""
    for number, lines in enumerate(blocks, start=1):
        if lines:
            _feed(judge, lines)
        if number % BLOCKS == 0:
            judge.thin_out()
    judge.thin_out()


def _feed(judge: Judge, lines: list[bytes]) -> None:
    if all(map(bytes.endswith, lines, repeat(b"}"))):
        heads, _, tails = zip(*map(bytes.partition, lines, repeat(BEFORE)), strict=True)
        keys = map(_first, map(bytes.partition, tails, repeat(AFTER)))
        try:
            seqs = list(map(int, map(_seq, heads)))
        except ValueError:  # somewhere stands a line of another kind
            seqs = [int(seq) if (seq := _seq(head)).isdigit() else 0 for head in heads]
        _sweep(judge, lines, seqs, list(map(judge.shapes.__getitem__, keys)))
    else:
        for line in lines:
            judge.read(line)


def _sweep(judge: Judge, lines: list[bytes], seqs: list[int], shapes: list[Shape]) -> None:
    """Nothing is called for a plain line."""
    known, others = judge.runs.get, 0
    for start, seq, shape, line in zip(map(_prefix, lines), seqs, shapes, lines, strict=True):
        run = known(start, NOBODY)
        if run.next == seq and run.place is shape.before:
            run.next = seq + 1
            run.place = shape.after
            run.waiting.append(line)
            continue
        others += 1
        if shape is ODD or not is_prefix(start):
            judge.read(line)
        elif seq >= run.next:
            judge.take(start, seq, shape, line)
    judge.records += len(lines) - others
