"""Owns `Program`: the product whose command line this is, and how its commands are named to people.

Remedies name commands by placeholder, so that a host app's own commands can stand in them. On the path of `status`.
"""

from signedin_adapters.cli.commands import COMMANDS
from signedin_adapters.stores import home as places

APP_NAME = "signedin"


class Program:
    """`app_name` is shown to users when they consent, `prog` is what they type, `slug` names the app's directory."""

    __slots__ = ("app_name", "home", "prog", "slug")

    def __init__(self, *, app_name: str = APP_NAME, prog: str = "signedin", home: str | None = None) -> None:
        self.app_name, self.prog = app_name, prog
        self.home, self.slug = home or places.home(), places.slug(app_name)

    def command(self, words: str) -> str:
        """What to type for a command: "login" is `signedin login`."""
        return f"{self.prog} {words}"

    def remedy(self, text: str) -> str:
        """The text with every `{command}` as it has to be typed."""
        for name in (*COMMANDS, "doctor", "diagnose"):
            text = text.replace(f"{{{name}}}", self.command(name))
        return text

    def paths(self) -> places.AppPaths:
        """Where the app's files lie."""
        return places.AppPaths(self.home, self.slug)
