"""Owns `signedin completion`: a script that completes the commands and their options in the user's shell."""

import argparse
from importlib import import_module

import shtab

from signedin_adapters.cli import exit_codes, parsing
from signedin_adapters.cli.command_table import COMMANDS, module
from signedin_adapters.cli.invocation import Invocation
from signedin_adapters.cli.program import Program

EXAMPLES = (
    "signedin completion bash > ~/.local/share/bash-completion/completions/signedin",
    "signedin completion zsh > ~/.zfunc/_signedin",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of this command alone."""
    parser.add_argument("shell", metavar="SHELL", choices=shtab.SUPPORTED_SHELLS, help="bash, zsh or tcsh")


def run(call: Invocation) -> int:
    """Print the script."""
    script = shtab.complete(tree(call.program), shell=call.options.shell)
    call.out.object({"shell": call.options.shell, "script": script})
    call.out.line(script.rstrip("\n"))
    return exit_codes.OK


def tree(program: Program) -> argparse.ArgumentParser:
    """All commands in one parser, as shtab wants them; no command line is read with it."""
    top = parsing.top(program)
    commands = top.add_subparsers()
    for name, summary in COMMANDS.items():
        made = parsing.parser(name, import_module(module(name)), program)
        commands.add_parser(name, parents=[made], help=summary, add_help=False)
    return top
