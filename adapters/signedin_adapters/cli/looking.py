"""Owns `--app`: which app is looked at instead of the program's own. On the path of `status`; it changes nothing."""

import os

from signedin.errors import MisuseError
from signedin_adapters.cli.output import shown
from signedin_adapters.cli.program import Program
from signedin_adapters.stores import app_name


def at(name: str, program: Program) -> Program:
    """The program as the app of this name or slug has it. Raises MisuseError where no such app was used here."""
    if name in (program.app_name, program.slug):
        return program
    there = program.anew(app_name=name)
    if not os.path.isdir(there.paths().directory):
        raise _unknown(name, program)
    known = app_name.known(there.paths())
    if known is not None and name not in (known, there.slug):
        raise _unknown(name, program)
    return program.anew(app_name=known or name)


def _unknown(name: str, program: Program) -> MisuseError:
    from signedin_adapters.cli.resembling import hint

    apps = _slugs(program)
    there_are = f"Apps: {', '.join(map(shown, apps))}." if apps else "There is none yet."
    return MisuseError(f"No app called {shown(name)} was used here. {hint(name, apps)}{there_are}")


def _slugs(program: Program) -> list[str]:
    try:
        return sorted(os.listdir(os.path.join(program.home, "apps")))
    except OSError:
        return []
