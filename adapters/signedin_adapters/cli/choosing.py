"""Owns which account a command means, and by which rule: option, environment, directory pin, default.

It reads what lies on disk, asks nobody and changes nothing. On the path of `status`: configuration is read only where
there is some.
"""

import argparse
import os

from signedin.errors import MisuseError, UnknownAccount
from signedin.facts import AccountFacts, AppFacts
from signedin_adapters.cli.output import shown
from signedin_adapters.cli.program import Program
from signedin_adapters.stores import app_name, peek

PIN = ".signedin"
PIN_LIMIT = 1024
DEFAULT_PROVIDER = "chatgpt"


class Choice:
    """What was chosen. `account` is None where nobody has one yet; `selected_by` is then None too.

    `selected_by` is "--account", "SIGNEDIN_ACCOUNT", "pin", "default", "only" or "oldest"; `pin` is the path of the pin
    that chose. `provider` is the one to sign in with, `asked` the same if anybody said so, by option or by setting.
    `notes` say what was left aside and why.
    """

    __slots__ = ("account", "asked", "facts", "notes", "pin", "provider", "selected_by")

    def __init__(self, facts: AppFacts, account: AccountFacts | None, selected_by: str | None, provider: str) -> None:
        self.facts, self.account, self.selected_by, self.provider = facts, account, selected_by, provider
        self.asked: str | None = None
        self.pin: str | None = None
        self.notes: tuple[str, ...] = ()

    def point_at(self, account_id: str) -> None:
        """Mean this account, whatever the rules chose; they chose it only if it is the same."""
        if self.account is None or self.account.id != account_id:
            self.account = next((each for each in self.facts.accounts if each.id == account_id), None)
            self.selected_by = self.pin = None


def look(program: Program) -> AppFacts:
    """Everything that lies on disk for the app; nothing where the store is this process's memory.

    Raises ConfigurationError where what lies there is another app's.
    """
    if os.environ.get("SIGNEDIN_STORE") == "memory":
        return AppFacts(home=program.home, slug=program.slug)
    app_name.require(program.paths(), program.app_name)
    return peek.look(program.home, program.slug)


def choose(options: argparse.Namespace, program: Program) -> Choice:
    """The account that is meant. Raises UnknownAccount, MisuseError, ConfigurationError."""
    facts, default_provider = look(program), _default_provider(program.home)
    for rule, label in (("--account", options.account), ("SIGNEDIN_ACCOUNT", os.environ.get("SIGNEDIN_ACCOUNT"))):
        if label:
            return _named(facts, label, rule, options.provider)
    asked = options.provider or os.environ.get("SIGNEDIN_PROVIDER") or default_provider
    pin, note = _pinned(facts, options.provider)
    choice = pin or by_default(facts, asked)
    choice.asked = asked
    choice.notes = (note,) if note else ()
    return choice


def by_default(facts: AppFacts, provider: str | None = None) -> Choice:
    """The account that is meant where nobody says anything: the default one, the only one, or the oldest."""
    candidates = [account for account in facts.accounts if provider is None or account.provider in (provider, "")]
    account = next((each for each in candidates if each.label and each.label == facts.default_account), None)
    if account is not None:
        return Choice(facts, account, "default", account.provider)
    if not candidates:
        return Choice(facts, None, None, provider or DEFAULT_PROVIDER)
    labelled = [each for each in candidates if each.label]
    account = (labelled or candidates)[0]
    rule = "oldest" if len(labelled) > 1 else "only"
    return Choice(facts, account, rule, account.provider or provider or DEFAULT_PROVIDER)


def is_complete(account: AccountFacts) -> bool:
    """Whether somebody ever signed in to it: a registration alone is no account yet."""
    return bool(account.label) or bool(account.faults)


def find(facts: AppFacts, label: str) -> AccountFacts:
    """The account of this label or id. Raises UnknownAccount, naming those that there are."""
    for account in facts.accounts:
        if label in (account.label, account.id):
            return account
    from signedin_adapters.cli.resembling import hint

    labels = [shown(account.label) for account in facts.accounts if account.label]
    known = ", ".join(labels) or "none yet"
    raise UnknownAccount(f"There is no account called {shown(label)}. {hint(label, labels)}Accounts: {known}.")


def _named(facts: AppFacts, label: str, rule: str, provider: str | None) -> Choice:
    account = find(facts, label)
    if provider not in (None, account.provider):
        raise MisuseError(f"The account {label} is one of {account.provider}, and not of {provider}.")
    return Choice(facts, account, rule, account.provider)


def _pinned(facts: AppFacts, provider: str | None) -> tuple[Choice | None, str]:
    """What the nearest pin chooses, or why it does not."""
    path = _nearest_pin()
    if path is None:
        return None, ""
    label = _read_pin(path)
    for account in facts.accounts:
        if label and label == account.label and provider in (None, account.provider):
            choice = Choice(facts, account, "pin", account.provider)
            choice.pin = path
            return choice, ""
    return None, f"{path} names no account of yours{f' ({shown(label)})' if label else ''}, so it is left aside."


def _nearest_pin() -> str | None:
    try:
        directory = os.getcwd()
    except OSError:  # somebody removed the directory that we are in
        return None
    while True:
        path = os.path.join(directory, PIN)
        if os.path.isfile(path):
            return path
        above = os.path.dirname(directory)
        if above == directory:
            return None
        directory = above


def _read_pin(path: str) -> str:
    """The pin's first line; empty where it cannot be one."""
    try:
        with open(path, encoding="utf-8") as file:
            first, *_ = file.read(PIN_LIMIT).split("\n")
    except (OSError, ValueError):
        return ""
    return first.strip()


def _default_provider(home: str) -> str | None:
    """What `config.toml` makes the command's default. A mistake in it is told, whoever is asked for."""
    if not os.path.lexists(os.path.join(home, "config.toml")):
        return None
    from signedin_adapters import providers

    return providers.default_name(home)
