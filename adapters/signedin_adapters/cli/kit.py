"""Owns `Kit`: the account commands as part of another app's command line, under its name and in its words.

Declaring it costs next to nothing: what runs a command is imported with the first one.
"""

from collections.abc import Sequence

from signedin.errors import MisuseError
from signedin_adapters.cli.command_table import COMMANDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, _SubParsersAction  # pyright: ignore[reportPrivateUsage]
    from typing import TypeVar

    from signedin_adapters.cli.program import Program

    P = TypeVar("P", bound=ArgumentParser)

OURS = ("demo", "sandbox", "completion")
"""What looks after no account, and stays with `signedin` itself."""
ALWAYS = ("status", "login")
"""What there is to do, in most remedies."""
USUAL = tuple(name for name in COMMANDS if name not in (*OURS, "ask"))

_NO_OPTIONS = "\0"
"""No argument begins with it, so argparse takes none of them for an option of its own."""


class Kit:
    """The account commands of an app. `commands` are their names, in the order of the help.

    `SIGNEDIN_*` in the environment and `config.toml` mean what they mean to `signedin`; exit codes and `--json` are the
    same, too.
    """

    def __init__(
        self, *, app_name: str, prog: str, provider: str | None, only: Sequence[str] | None, summary: str | None
    ) -> None:
        self.app_name, self.prog, self.provider = app_name, prog, provider
        self.commands = _chosen(only, pinned=provider is not None)
        self.summary = summary or f"sign in to {app_name}, and look after your account"

    def add_to(self, subparsers: "_SubParsersAction[P]", name: str = "account") -> "P":
        """Make it a command of an argparse parser; whatever stands behind `name` is in `options.arguments` then."""
        from argparse import REMAINDER

        line = self.summary.replace("%", "%%")  # argparse fills in help texts
        made = subparsers.add_parser(name, help=line, prefix_chars=_NO_OPTIONS, add_help=False)
        made.add_argument("arguments", nargs=REMAINDER)
        return made

    def main(self, arguments: Sequence[str]) -> int:
        """Run a command as the last thing that this process does, and give its exit code; it never raises.

        From here on the process leaves no core file, a reader of its output who goes away is no error, and after Ctrl-C
        an exchange that is under way comes to its end.
        """
        from signedin_adapters.cli.process import main

        return main(list(arguments), self._program())

    def run(self, arguments: Sequence[str]) -> int:
        """Run a command in a process that goes on, and give its exit code. Only BrokenPipeError is raised.

        It changes no limit and no signal handler. While there are tokens in it, no other process may read the memory
        of this one (Linux), and that stays so.
        """
        from signedin_adapters.cli.dispatch import run

        return run(list(arguments), self._program())

    def remedy(self, text: str) -> str:
        """A text of the catalogue of cases with its `{commands}` as your users type them.

        It ends before the first clause that names a command which you left out; a case's remedy is never empty.
        """
        return self._program().remedy(text)

    def _program(self) -> "Program":
        """A new one each time: where the home is, and what a call is about, is found out by the call."""
        from signedin_adapters.cli.program import Program

        offered = {name: COMMANDS[name] for name in self.commands}
        return Program(
            app_name=self.app_name, prog=self.prog, commands=offered, provider=self.provider, summary=self.summary
        )


def _chosen(only: Sequence[str] | None, *, pinned: bool) -> tuple[str, ...]:
    """In the order of the table. A host that names the provider has no list of them, unless it asks for that."""
    wanted = [name for name in USUAL if not (pinned and name == "providers")] if only is None else [*only, *ALWAYS]
    for name in wanted:
        if name in OURS or name not in COMMANDS:
            raise MisuseError(f"There is no command {name!r} for the commands of an app.")
    return tuple(name for name in COMMANDS if name in wanted)
