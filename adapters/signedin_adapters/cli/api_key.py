"""Owns how an API key comes to the command: one line of stdin, unseen on a terminal, and never an argument.

It also knows the environment's own key, which is named to people and never used. On the path of `status`: it imports
`argparse`, `os` and `sys`.
"""

import argparse
import os
import sys

from signedin_adapters.cli.output import Output
from signedin_adapters.cli.program import Program

TYPE_CHECKING = False
if TYPE_CHECKING:
    from signedin.secret import Secret

VARIABLE = "OPENAI_API_KEY"
LINE_LIMIT = 4096


def read(out: Output) -> "Secret":
    """The key that a person types or a pipe brings. Raises MisuseError for what cannot be one, without repeating it."""
    from signedin.key_sign_in import require_key
    from signedin.secret import Secret

    key = Secret(_line(out).strip())
    require_key(key)
    return key


def refuse_argument(_: str) -> str:
    """For argparse: a key among the arguments stays in the shell's history, and every process sees it."""
    raise argparse.ArgumentTypeError(
        "a key is read from stdin, never from the arguments; make a new one, this was seen"
    )


def environment_note(program: Program) -> str | None:
    """What to tell of a key in the environment; None where there is none."""
    if not os.environ.get(VARIABLE):
        return None
    more = program.explain("env-key-overrides-login")
    return f"{VARIABLE} is set. It is never used here" + (f": {more}" if more else ".")


def _line(out: Output) -> str:
    if not out.asks:
        return sys.stdin.readline(LINE_LIMIT) if sys.stdin is not None else ""
    from getpass import getpass

    return getpass("API key (not shown): ", stream=sys.stderr)
