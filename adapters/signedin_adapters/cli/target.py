"""Owns `Target`: the account or provider that a call is about, and what has to be typed to sign in to that one.

Every remedy that says so goes through it, so that nobody is sent to another account or provider than they asked for.
On the path of `status`: a profile is looked up only where a text needs it.
"""

import argparse

from signedin_adapters.cli.output import shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from signedin.cases import Case
    from signedin.provider import Provider
    from signedin_adapters.cli.choosing import Choice

_BEGINNINGS = ("--again", "--new", "--replace", "--enable-plan")
_IN_A_BROWSER = ("--no-browser", "--enable-plan")


class Target:
    """`account` is a label, `provider` a name; `is_named` says whether that was asked for and has to be said again.

    `flags` and `label` are what `login` was called with: they belong to its remedies too. `signs_in`: that is what the
    call does.
    """

    __slots__ = ("_takes_key", "account", "flags", "home", "is_named", "label", "provider", "signs_in")

    def __init__(
        self,
        *,
        home: str,
        provider: str | None = None,
        is_named: bool = False,
        account: str | None = None,
        takes_key: bool | None = None,
        flags: tuple[str, ...] = (),
        label: str | None = None,
    ) -> None:
        self.home, self.provider, self.is_named, self.account = home, provider, is_named, account
        self.flags, self.label, self._takes_key = flags, label, takes_key
        self.signs_in = False

    def profile(self) -> "Provider | None":
        """The provider's profile; None where there is none now."""
        if not self.provider:
            return None
        from signedin.errors import ConfigurationError, UnknownProvider
        from signedin_adapters import providers

        try:
            return providers.find(self.provider, home=self.home)
        except (UnknownProvider, ConfigurationError):
            return None

    def page(self, case: "Case") -> "str | None":
        """The provider's page that the case speaks of; None where it speaks of none, or the provider has none."""
        profile = self.profile() if case.page is not None else None
        return None if profile is None else profile.address(case.page)

    def login(self, more: list[str]) -> list[str]:
        """The words to sign in with, after the command's name. `more` are options that a text puts behind `login`."""
        begins = [flag for flag in more if flag in _BEGINNINGS] or [flag for flag in self.flags if flag in _BEGINNINGS]
        way = self._way(more)
        label = ["--label"] if "--label" in more else self._label(begins)
        others = [word for word in more if word not in (*begins, *way, *label)]
        return ["login", *self._who(begins=begins, way=way), *way, *begins, *others, *label]

    def which(self) -> list[str]:
        """The words that make any other command mean the same account."""
        return self._who(begins=[], way=[])

    def _who(self, *, begins: list[str], way: list[str]) -> list[str]:
        if self.account and "--new" not in begins:
            return ["--account", self.account]
        if self.provider and (self.is_named or self.account or "--api-key" in way):
            return ["--provider", self.provider]
        return []

    def _way(self, more: list[str]) -> list[str]:
        if "--api-key" in more or self._is_a_key():
            return ["--api-key"]
        typed = "--device" in self.flags and not any(word in _IN_A_BROWSER for word in more)
        return ["--device"] if "--device" in more or typed else []

    def _label(self, begins: list[str]) -> list[str]:
        return ["--label", self.label] if self.label and "--replace" not in begins else []

    def _is_a_key(self) -> bool:
        """Whether an API key is what one signs in with there. The built-in `chatgpt` cannot be configured."""
        if self._takes_key is None:
            profile = None if self.provider == "chatgpt" else self.profile()
            self._takes_key = profile is not None and profile.takes_key
        return self._takes_key


def typed(options: argparse.Namespace, home: str) -> Target:
    """What the call is about as far as its words say it, before anything was looked up."""
    return Target(home=home, provider=options.provider, is_named=options.provider is not None)


def chosen(choice: "Choice", options: argparse.Namespace, home: str) -> Target:
    """What the rules chose. An account is named where plain commands would mean another."""
    account = choice.account
    by_label = account is not None and choice.selected_by in ("--account", None)
    return Target(
        home=home,
        provider=choice.provider,
        is_named=options.provider is not None,
        account=shown(account.label or account.id) if account is not None and by_label else None,
        takes_key=account.subject == account.id if account is not None and account.subject else None,
    )


def signing_in(choice: "Choice", options: argparse.Namespace, home: str) -> Target:
    """What `login` is about, with what it was called with."""
    target = chosen(choice, options, home)
    given = (*_BEGINNINGS, "--device")
    target.flags = tuple(flag for flag in given if getattr(options, flag[2:].replace("-", "_")))
    target.label, target.signs_in = options.label, True
    return target
