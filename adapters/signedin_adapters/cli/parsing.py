"""Owns how arguments are read: the common options of every command, the command's own, and the help texts.

One command's parser is made at a time, so that the others cost nothing. On the path of `status`: it imports `argparse`.
"""

import argparse
import os

from signedin.errors import MisuseError
from signedin_adapters.cli.commands import COMMANDS, GROUPS
from signedin_adapters.cli.program import Program

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import NoReturn

WIDEST = 100
_WITH_VALUE = ("--account", "--provider", "--app")


class Help(argparse.RawDescriptionHelpFormatter):
    """The usual help, at the terminal's width, found without importing `shutil`."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=28, width=min(_columns(), WIDEST) - 2)


class Parser(argparse.ArgumentParser):
    """An argument parser that raises MisuseError where the usual one prints and exits."""

    def error(self, message: str) -> "NoReturn":
        """Raise what was wrong with the arguments, naming the help."""
        raise MisuseError(f"{message[:1].upper()}{message[1:]}. See {self.prog} --help.")


def split(arguments: list[str]) -> tuple[str | None, list[str]]:
    """The command's name and everything else, in order: the first word that is neither option nor option's value."""
    skip = False
    for place, argument in enumerate(arguments):
        if argument == "--":
            break
        if skip or (argument.startswith("-") and argument != "-"):
            skip = not skip and argument in _WITH_VALUE
            continue
        return argument, [*arguments[:place], *arguments[place + 1 :]]
    return None, arguments


def parser(name: str, module: "ModuleType", program: Program) -> Parser:
    """The parser of one command, with the common options."""
    made = Parser(
        prog=program.command(name),
        description=_capital(COMMANDS[name]) + ".",
        epilog=_examples(module.EXAMPLES, program),
        formatter_class=Help,
        allow_abbrev=False,
        add_help=False,
    )
    module.add_arguments(made)
    _add_common(made)
    return made


def top(program: Program) -> Parser:
    """The parser of the command line itself, without its commands: its help, and the root of the completion."""
    made = Parser(
        prog=program.prog,
        usage=f"{program.prog} [COMMAND] [options]",
        description="\n\n".join((_DESCRIPTION, *map(_group, GROUPS))),
        epilog=f"{program.prog} COMMAND --help says more about one of them.",
        formatter_class=Help,
        add_help=False,
    )
    _add_common(made).add_argument("--version", action="store_true", help="show the version")
    return made


_DESCRIPTION = "Sign in once, stay signed in: your ChatGPT plan for the tools on this machine."


def _add_common(made: Parser) -> "argparse._ArgumentGroup":  # pyright: ignore[reportPrivateUsage]
    common = made.add_argument_group("common options")
    common.add_argument("--json", action="store_true", help="one JSON object on stdout, never a token")
    common.add_argument("--account", metavar="LABEL", help="use this account")
    common.add_argument("--provider", metavar="NAME", help="use this provider, one that `providers` lists")
    common.add_argument("--app", metavar="NAME", help="look at another app's accounts (commands that only read)")
    common.add_argument("--plain", action="store_true", help="no colour and no live line, for screen readers")
    common.add_argument("-h", "--help", action="help", help="show this help")
    return common


def _group(group: tuple[str, tuple[tuple[str, str], ...]]) -> str:
    title, commands = group
    return "\n".join((f"{title.lower()}:", *(f"  {name:<12} {summary}" for name, summary in commands)))


def _examples(examples: tuple[str, ...], program: Program) -> str | None:
    if not examples:
        return None
    return "\n".join(("examples:", *(f"  {program.prog}{example.removeprefix('signedin')}" for example in examples)))


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def _columns() -> int:
    try:
        return int(os.environ.get("COLUMNS", "")) or 80
    except ValueError:
        pass
    try:
        return os.get_terminal_size(1).columns or 80
    except OSError:
        return 80
