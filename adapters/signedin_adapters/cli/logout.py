"""Owns `signedin logout`: end the session here and at the provider, after a person said so. The registration stays."""

import argparse
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

import anyio

from signedin import cases
from signedin.errors import ConfigurationError, MisuseError, SignedinError, UnknownProvider
from signedin.facts import AccountFacts
from signedin_adapters import providers
from signedin_adapters.cli import connecting, errors, exit_codes, leaving, status, wording
from signedin_adapters.cli.choosing import Choice
from signedin_adapters.cli.invocation import Invocation
from signedin_adapters.cli.target import Target

EXAMPLES = ("signedin logout", "signedin logout --yes --account work", "signedin logout --all --yes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How leaving one account went. `revoked` is None where the provider was not asked; `error` is what kept it."""

    account: AccountFacts
    revoked: bool | None = None
    error: SignedinError | None = None

    def answer(self) -> dict[str, object]:
        """As `--json` tells it."""
        known = {"label": self.account.label, "email": self.account.email, "id": self.account.id}
        return {**known, "revoked": self.revoked, "case": None if self.error is None else self.error.case}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of this command alone."""
    parser.add_argument("--yes", action="store_true", help="do not ask (needed where nobody can be asked)")
    parser.add_argument("--local", action="store_true", help="do not tell the provider: the session lives on there")
    parser.add_argument("--all", action="store_true", help="sign out every account")


def run(call: Invocation) -> int:
    """Sign out, and say whether the provider confirmed it. One account that cannot be left holds no other back."""
    choice = connecting.chosen(call)
    accounts = [account for account in _meant(call, choice) if is_to_end(account, revoke=not call.options.local)]
    question = f"Sign {', '.join(map(wording.name, accounts))} out of {call.program.app_name}?"
    if accounts and not is_meant(call, question):
        return exit_codes.OK
    outcomes = anyio.run(partial(_sign_out, call, accounts))
    _tell(call, choice, outcomes)
    _tell_of_keys(call, accounts)
    kept = ((outcome.account, outcome.error) for outcome in outcomes)
    return max((_tell_kept(call, account, error) for account, error in kept if error), default=exit_codes.OK)


def is_meant(call: Invocation, question: str) -> bool:
    """Whether to go on: a person's word, or `--yes`. Raises MisuseError where there is neither."""
    if call.options.yes:
        return True
    if not call.out.asks:
        raise MisuseError("Nobody can be asked here: add --yes.")
    if call.out.confirms(question):
        return True
    call.out.note("Nothing was changed.")
    return False


def is_to_end(account: AccountFacts, *, revoke: bool) -> bool:
    """Whether there is anything to sign out of; what cannot be read counts, and what waits for its revocation."""
    signed_in = (account.session is not None or bool(account.faults)) and not account.signed_out
    return signed_in or (revoke and account.revocation_pending)


def _meant(call: Invocation, choice: Choice) -> list[AccountFacts]:
    if call.options.all:
        return list(choice.facts.accounts)
    return [] if choice.account is None else [choice.account]


async def _sign_out(call: Invocation, accounts: list[AccountFacts]) -> list[Outcome]:
    return [await _left(call, account) for account in accounts]


async def _left(call: Invocation, account: AccountFacts) -> Outcome:
    try:
        revoked = await leaving.sign_out(call, account, revoke=not call.options.local)
    except SignedinError as error:
        if not call.options.all:
            raise
        return Outcome(account=account, error=error)
    return Outcome(account=account, revoked=revoked)


def _tell(call: Invocation, choice: Choice, outcomes: list[Outcome]) -> None:
    left = [outcome for outcome in outcomes if outcome.error is None]
    if call.out.json:
        more = {"accounts": [outcome.answer() for outcome in outcomes]} if call.options.all else {}
        revoked = [outcome.revoked for outcome in left]
        confirmed = None if None in revoked or not revoked else all(revoked)
        status.report(call, None if choice.account is None else choice.account.id, revoked=confirmed, **more)
        return
    if left or not outcomes:
        call.out.line(f"Signed out: {_names(left)}." if left else "Nobody was signed in.")
    if unconfirmed := [outcome for outcome in left if outcome.revoked is False]:
        whose = f" for {_names(unconfirmed)}" if len(left) > 1 else ""
        call.out.line(f"The provider did not confirm it{whose}, so the session may live on there.")
        for page in dict.fromkeys(_connections(call, outcome.account) for outcome in unconfirmed):
            call.out.line(f"  To be sure, disconnect {call.program.app_name} in the provider's settings{page}")
        if explain := call.program.explain("logout-not-effective"):
            call.out.line(f"  More: {explain}")
    elif left and call.options.local:
        call.out.line("The provider was not told, so the session lives on there until it runs out.")


def _connections(call: Invocation, account: AccountFacts) -> str:
    """The end of a sentence about the provider's settings: where they are, if that is known."""
    target = Target(home=call.program.home, provider=account.provider)
    page = target.page(cases.find("logout-not-effective"))
    return f": {page}" if page else "."


def _names(outcomes: list[Outcome]) -> str:
    return ", ".join(wording.name(outcome.account) for outcome in outcomes)


def _tell_kept(call: Invocation, account: AccountFacts, error: SignedinError) -> int:
    """What stands against leaving the account, and its exit code. The one object of `--json` has it already."""
    told = errors.trouble(error, call.program)
    if call.out.json:
        return told.code
    call.out.note(f"{wording.name(account)} was not signed out:")
    return errors.tell(told, call.program, call.out)


def _tell_of_keys(call: Invocation, accounts: list[AccountFacts]) -> None:
    """A key that was removed here works on for whoever has it."""
    for name in sorted({account.provider for account in accounts}):
        with suppress(UnknownProvider, ConfigurationError):
            provider = providers.find(name, home=call.program.home)
            if provider.takes_key:
                where = f": {provider.manage_url}" if provider.manage_url else "."
                call.out.line(f"The key itself lives on; it is only ended at the provider's page{where}")
