"""Owns `Program`: the product whose command line this is, and how its commands are named to people.

Remedies name commands by placeholder, so that a host app's own commands can stand in them. On the path of `status`.
"""

import re

from signedin.states import Category
from signedin_adapters.cli.commands import COMMANDS
from signedin_adapters.cli.target import Target
from signedin_adapters.stores import home as places

TYPE_CHECKING = False
if TYPE_CHECKING:
    from signedin.cases import Case

APP_NAME = "signedin"

_LOGIN = re.compile(r"\{login\}((?: --[a-z-]+)*)")
_OF_AN_ACCOUNT = ("status", "refresh", "models", "use", "ask", "usage")
"""Other commands that mean one account, and have to mean the same one."""
_PASSING = (Category.TRANSIENT, Category.ENVIRONMENT)
"""What once mended needs no sign-in, unless it was one that it broke."""


class Program:
    """`app_name` is shown to users when they consent, `prog` is what they type, `slug` names the app's directory.

    `target` is what the call is about; whoever finds out more about that replaces it.
    """

    __slots__ = ("app_name", "home", "prog", "slug", "target")

    def __init__(self, *, app_name: str = APP_NAME, prog: str = "signedin", home: str | None = None) -> None:
        self.app_name, self.prog = app_name, prog
        self.home, self.slug = home or places.home(), places.slug(app_name)
        self.target = Target(home=self.home)

    def command(self, words: str) -> str:
        """What to type for a command: "login" is `signedin login`."""
        return f"{self.prog} {words}"

    def remedy(self, text: str) -> str:
        """The text with every `{command}` as it has to be typed for what the call is about."""
        text = _LOGIN.sub(lambda found: self._typed(self.target.login(found[1].split())), text)
        for name in COMMANDS:
            if (placeholder := f"{{{name}}}") in text:
                which = self.target.which() if name in _OF_AN_ACCOUNT else []
                text = text.replace(placeholder, self._typed([name, *which]))
        return text.replace("--again again", "--again")

    def advice(self, case: "Case", *, at_sign_in: bool = False) -> str:
        """The remedy of a case, and where the provider's page is that it speaks of.

        `at_sign_in`: it kept somebody from signing in, which nothing tries again by itself.
        """
        from signedin_adapters.cli import pages

        page = pages.of(case.id, self.target)
        begins_anew = at_sign_in and case.category in _PASSING and "{login}" not in case.remedy
        again = " To sign in, run {login} again." if begins_anew else ""
        return self.remedy(case.remedy + again) + (f" The page: {page}" if page else "")

    def _typed(self, words: list[str]) -> str:
        from shlex import join

        return self.command(join(words))

    def paths(self) -> places.AppPaths:
        """Where the app's files lie."""
        return places.AppPaths(self.home, self.slug)
