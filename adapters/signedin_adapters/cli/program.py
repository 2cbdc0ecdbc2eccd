"""Owns `Program`: the product whose command line this is, and how its commands are named to people.

Remedies name commands by placeholder, so that a host app's own commands can stand in them. On the path of `status`.
"""

import re

from signedin.states import Category
from signedin_adapters.cli.command_table import COMMANDS
from signedin_adapters.cli.target import Target
from signedin_adapters.stores import home as places

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from signedin.cases import Case

APP_NAME = "signedin"

_LOGIN = re.compile(r"\{login\}((?: --[a-z-]+)*)")
_OF_AN_ACCOUNT = ("status", "refresh", "models", "use", "ask", "usage")
"""Other commands that mean one account, and have to mean the same one."""
_PASSING = (Category.TRANSIENT, Category.ENVIRONMENT)
"""What once mended needs no sign-in, unless it was one that it broke."""
_CLAUSE_END = re.compile(r"(?<=[.;:!?]) +")
_PLACEHOLDER = re.compile(r"\{([a-z]+)\}")


class Program:
    """`app_name` is shown to users when they consent, `prog` is what they type, `slug` names the app's directory.

    `commands` are those that there are, with their summaries; nothing that is said names another. `provider` is the one
    that is signed in to where the app leaves no choice. `summary` is the app's own line about its commands; None in
    `signedin` itself. `target` is what the call is about; whoever finds out more about that replaces it.
    """

    __slots__ = ("app_name", "commands", "home", "prog", "provider", "slug", "summary", "target")

    def __init__(
        self,
        *,
        app_name: str = APP_NAME,
        prog: str = "signedin",
        home: str | None = None,
        commands: "Mapping[str, str]" = COMMANDS,
        provider: str | None = None,
        summary: str | None = None,
    ) -> None:
        self.app_name, self.prog = app_name, prog
        self.home, self.slug = home or places.home(), places.slug(app_name)
        self.commands, self.provider, self.summary = commands, provider, summary
        self.target = Target(home=self.home)

    def anew(self, *, app_name: str | None = None) -> "Program":
        """The same, about nothing yet; with a name, as that app has it."""
        return Program(
            app_name=app_name or self.app_name,
            prog=self.prog,
            home=self.home,
            commands=self.commands,
            provider=self.provider,
            summary=self.summary,
        )

    def command(self, words: str) -> str:
        """What to type for a command: "login" is `signedin login`."""
        return f"{self.prog} {words}"

    def explain(self, case_id: str) -> str:
        """What to type to have a case explained, "" where there is no such command."""
        return self.command(f"explain {case_id}") if "explain" in self.commands else ""

    def remedy(self, text: str) -> str:
        """The text with every `{command}` as it has to be typed for what the call is about.

        It ends before the first clause that names a command which there is not; no remedy begins with one.
        """
        text = _LOGIN.sub(lambda found: self._typed(self.target.login(found[1].split())), self._sayable(text))
        for name in self.commands:
            if (placeholder := f"{{{name}}}") in text:
                which = self.target.which() if name in _OF_AN_ACCOUNT else []
                text = text.replace(placeholder, self._typed([name, *which]))
        return text.replace("--again again", "--again")

    def advice(self, case: "Case", *, at_sign_in: bool = False) -> str:
        """The remedy of a case, and where the provider's page is that it speaks of.

        `at_sign_in`: it kept somebody from signing in, which nothing tries again by itself.
        """
        page = self.target.page(case)
        begins_anew = at_sign_in and case.category in _PASSING and "{login}" not in case.remedy
        again = self.remedy(" To sign in, run {login} again.") if begins_anew else ""
        return f"{self.remedy(case.remedy)}{again}" + (f" The page: {page}" if page else "")

    def _sayable(self, text: str) -> str:
        said: list[str] = []
        for clause in _CLAUSE_END.split(text):
            if any(name in COMMANDS and name not in self.commands for name in _PLACEHOLDER.findall(clause)):
                kept = " ".join(said).rstrip(";:")
                return f"{kept}." if kept and text.endswith(".") and kept[-1] not in ".!?" else kept
            said.append(clause)
        return text

    def _typed(self, words: list[str]) -> str:
        """Where the app leaves no choice of a provider, none is typed."""
        from shlex import join

        if self.provider is not None and "--provider" in words:
            place = words.index("--provider")
            words = [*words[:place], *words[place + 2 :]]
        return self.command(join(words))

    def paths(self) -> places.AppPaths:
        """Where the app's files lie."""
        return places.AppPaths(self.home, self.slug)
