"""Owns `signedin demo`: the whole job on this machine, in a directory of its own that goes when it is over.

`$SIGNEDIN_HOME` and the keyring are not touched. The acts stand in `acts`, what they play on in `stage`, how it looks
in `layout`. With `--web` it is the fault board instead (`board`).
"""

import argparse
import os
from collections.abc import Generator
from contextlib import contextmanager
from shutil import rmtree
from tempfile import mkdtemp

import anyio

from signedin.errors import MisuseError
from signedin_adapters.cli import exit_codes
from signedin_adapters.cli.extras import extra
from signedin_adapters.cli.invocation import Invocation

EXAMPLES = ("signedin demo", "signedin demo --step", "signedin demo --keep", "signedin demo --web")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How it is shown."""
    parser.add_argument("--step", action="store_true", help="wait for Enter between the acts, on a terminal")
    parser.add_argument("--keep", action="store_true", help="keep its files, and say where they are")
    parser.add_argument("--web", action="store_true", help="a page of every trouble there is; what can be, is played")
    parser.add_argument("--no-browser", action="store_true", help="with --web: print the address, and open nothing")


def run(call: Invocation) -> int:
    """Show everything once, or the board until Ctrl-C."""
    if call.options.web:
        return _show_board(call)
    with extra("sandbox"):
        from signedin_adapters.cli.demo.performance import perform
    with _directory(keep=call.options.keep) as directory:
        anyio.run(perform, call, directory)
    return exit_codes.OK


def _show_board(call: Invocation) -> int:
    if call.options.step or call.options.keep:
        raise MisuseError("--step and --keep are for the demo in the terminal: leave them out with --web.")
    with extra("web"):
        from signedin_adapters.cli.demo.board import show
    show(call)
    return exit_codes.OK


@contextmanager
def _directory(*, keep: bool) -> Generator[str]:
    directory = os.path.realpath(mkdtemp(prefix="signedin-demo-"))
    try:
        yield directory
    finally:
        if not keep:
            rmtree(directory, ignore_errors=True)
