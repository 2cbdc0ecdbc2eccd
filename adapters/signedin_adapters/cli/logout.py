"""Owns `signedin logout`: end the session here and at the provider, after a person said so. The registration stays."""

import argparse
from contextlib import suppress
from functools import partial

import anyio

from signedin.errors import ConfigurationError, MisuseError, UnknownProvider
from signedin.facts import AccountFacts
from signedin_adapters import providers
from signedin_adapters.cli import connecting, exit_codes, leaving, status, wording
from signedin_adapters.cli.choosing import Choice
from signedin_adapters.cli.invocation import Invocation

EXAMPLES = ("signedin logout", "signedin logout --yes --account work", "signedin logout --all --yes")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of this command alone."""
    parser.add_argument("--yes", action="store_true", help="do not ask (needed where nobody can be asked)")
    parser.add_argument("--local", action="store_true", help="do not tell the provider: the session lives on there")
    parser.add_argument("--all", action="store_true", help="sign out every account")


def run(call: Invocation) -> int:
    """Sign out, and say whether the provider confirmed it."""
    choice = connecting.chosen(call)
    accounts = [account for account in _meant(call, choice) if is_to_end(account, revoke=not call.options.local)]
    names = ", ".join(map(wording.name, accounts))
    if accounts and not is_meant(call, f"Sign {names} out of {call.program.app_name}?"):
        return exit_codes.OK
    outcomes = anyio.run(partial(_sign_out, call, accounts))
    revoked = None if None in outcomes or not outcomes else all(outcomes)
    _tell(call, choice, names, revoked)
    _tell_of_keys(call, accounts)
    return exit_codes.OK


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


async def _sign_out(call: Invocation, accounts: list[AccountFacts]) -> list[bool | None]:
    return [await leaving.sign_out(call, account, revoke=not call.options.local) for account in accounts]


def _tell(call: Invocation, choice: Choice, names: str, revoked: bool | None) -> None:
    if call.out.json:
        status.report(call, None if choice.account is None else choice.account.id, revoked=revoked)
        return
    call.out.line(f"Signed out: {names}." if names else "Nobody was signed in.")
    if revoked is False:
        call.out.line("The provider did not confirm it, so the session may live on there.")
        call.out.line(f"  More: {call.program.command('explain logout-not-effective')}")
    elif names and call.options.local:
        call.out.line("The provider was not told, so the session lives on there until it runs out.")


def _tell_of_keys(call: Invocation, accounts: list[AccountFacts]) -> None:
    """A key that was removed here works on for whoever has it."""
    for name in sorted({account.provider for account in accounts}):
        with suppress(UnknownProvider, ConfigurationError):
            provider = providers.find(name, home=call.program.home)
            if provider.takes_key:
                where = f": {provider.manage_url}" if provider.manage_url else "."
                call.out.line(f"The key itself lives on; it is only ended at the provider's page{where}")
