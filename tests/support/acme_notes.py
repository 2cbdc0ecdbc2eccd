"""Acme Notes, the app of every example, at the sandbox: examples say nothing of that, and are run as they are.

`Connection.open(app_name="Acme Notes")` opens the account that there is, at that account's own provider. So an example
finds the sandbox by what lies in its home, whether or not anybody has signed in.
"""

from pathlib import Path

from tests.support import command_line

from signedin import selection
from signedin_adapters import providers
from signedin_adapters.sandbox import Sandbox
from signedin_adapters.stores import opening

APP = "Acme Notes"


def move_in(home: Path) -> None:
    """Leave an account in the home that nobody has signed in to yet. The sandbox is known there already."""
    profile = providers.find("sandbox", home=str(home))
    opening.file(app=APP, home=str(home)).save_record(selection.new_record(profile))


def sign_in(sandbox: Sandbox, home: Path) -> None:
    """Leave an account in the home that Ada has signed in to."""
    command_line.sign_in(sandbox, home, app_name=APP)
