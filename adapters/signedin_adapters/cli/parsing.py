"""Owns how arguments are read: the common options of every command, the command's own, and the help texts.

One command's parser is made at a time, so that the others cost nothing. On the path of `status`: it imports `argparse`.
"""

import argparse
import os

from signedin.errors import MisuseError
from signedin_adapters.cli.command_table import GROUPS
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
        description=_capital(program.commands[name]) + ".",
        epilog=_examples(module.EXAMPLES, program),
        formatter_class=Help,
        allow_abbrev=False,
        add_help=False,
    )
    module.add_arguments(made)
    _add_common(made, program)
    return made


def top(program: Program) -> Parser:
    """The parser of the command line itself, without its commands: its help, and the root of the completion."""
    made = Parser(
        prog=program.prog,
        usage=f"{program.prog.replace('%', '%%')} [COMMAND] [options]",
        description="\n\n".join((_about(program), *_groups(program))),
        epilog=f"{program.prog} COMMAND --help says more about one of them.",
        formatter_class=Help,
        add_help=False,
    )
    common = _add_common(made, program)
    if program.summary is None:
        common.add_argument("--version", action="store_true", help="show the version")
    return made


_DESCRIPTION = "Sign in once, stay signed in: your ChatGPT plan for the tools on this machine."


def _about(program: Program) -> str:
    return _DESCRIPTION if program.summary is None else f"{_capital(program.summary).rstrip('.')}."


def _add_common(made: Parser, program: Program) -> "argparse._ArgumentGroup":  # pyright: ignore[reportPrivateUsage]
    """A host's own accounts are the only ones it looks at, and where it names the provider, no option does."""
    made.set_defaults(app=None, provider=program.provider)
    common = made.add_argument_group("common options")
    common.add_argument("--json", action="store_true", help="one JSON object on stdout, never a token")
    common.add_argument("--account", metavar="LABEL", help="use this account")
    if program.provider is None:
        listed = ", one that `providers` lists" if "providers" in program.commands else ""
        common.add_argument("--provider", metavar="NAME", help=f"use this provider{listed}")
    if program.summary is None:
        common.add_argument("--app", metavar="NAME", help="look at another app's accounts (commands that only read)")
    common.add_argument("--plain", action="store_true", help="no colour and no live line, for screen readers")
    common.add_argument("-h", "--help", action="help", help="show this help")
    return common


def _groups(program: Program) -> "list[str]":
    """The commands that there are, under their headings."""
    groups: list[str] = []
    for title, group in GROUPS:
        if commands := [f"  {name:<12} {summary}" for name, summary in group if name in program.commands]:
            groups.append("\n".join((f"{title.lower()}:", *commands)))
    return groups


def _examples(examples: tuple[str, ...], program: Program) -> str | None:
    """Those that can be typed here. Choosing another app or provider is nothing that a host would show."""
    typed = [example.removeprefix("signedin") for example in examples if _can_be_typed(example, program)]
    return "\n".join(("examples:", *(f"  {program.prog}{rest}" for rest in typed))) if typed else None


def _can_be_typed(example: str, program: Program) -> bool:
    words = example.split()
    known = len(words) == 1 or words[1] in program.commands
    return known and (program.summary is None or not {"--app", "--provider"} & {*words})


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
