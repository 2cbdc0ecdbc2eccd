"""Owns `Invocation`: one call of one command, as its module gets it. On the path of `status`: shapes only."""

import argparse

from signedin_adapters.cli.output import Output
from signedin_adapters.cli.program import Program


class Invocation:
    """`options` holds the command's own arguments beside `json plain account provider app`, `out` takes the answer."""

    __slots__ = ("options", "out", "program")

    def __init__(self, *, options: argparse.Namespace, program: Program, out: Output) -> None:
        self.options, self.program, self.out = options, program, out
