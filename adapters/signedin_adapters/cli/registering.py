"""Owns the way out where the provider no longer knows an account's registration: a new one in its place.

Nobody registers anew unasked: it is one more entry in the settings of the user's account. On a terminal a person is
asked, elsewhere told.
"""

import time

from signedin.facts import AccountFacts
from signedin.provider import Provider
from signedin_adapters.cli import standing
from signedin_adapters.cli.choosing import Choice
from signedin_adapters.cli.invocation import Invocation

GONE = "registration-gone"
REFUSED = "client-refused"


def consider(call: Invocation, choice: Choice, provider: Provider) -> None:
    """Before a sign-in with a registration that was refused last time: ask, or say how to begin with a new one."""
    if not _was_refused(call, choice, provider):
        return
    call.out.note(f"Last time, {provider.title} refused the registration of this account.")
    if call.out.asks:
        offer(call)
    else:
        call.out.note(f"If the browser shows an error now: {_command(call)} registers anew.")
    call.out.note()


def hint(call: Invocation, choice: Choice, provider: Provider) -> None:
    """After a wait in vain: a provider that knows no such registration sends no browser back to say so."""
    if _is_kept(call, choice, provider):
        call.out.note(f"If the browser showed an error: {_command(call)} registers anew.")


def offer(call: Invocation) -> bool:
    """Whether a person wants a new registration to take the account's place; `--replace` is in the options then."""
    wanted = call.out.confirms("Register anew in its place? The account keeps its name.")
    call.options.replace = wanted
    return wanted


def _was_refused(call: Invocation, choice: Choice, provider: Provider) -> bool:
    account = choice.account
    if account is None or not _is_kept(call, choice, provider):
        return False
    judged = standing.judged(choice.facts, account, call.program, at=time.time())
    return judged.case == REFUSED or _attempt_case(choice, account) == GONE


def _is_kept(call: Invocation, choice: Choice, provider: Provider) -> bool:
    """Whether the sign-in goes by an id that the provider issued to this account before."""
    issued = choice.account is not None and choice.account.client_id is not None
    return issued and provider.registration == "agent" and not call.options.replace


def _attempt_case(choice: Choice, account: AccountFacts) -> str | None:
    attempt = choice.facts.attempt
    return attempt.case if attempt is not None and attempt.account_id == account.id else None


def _command(call: Invocation) -> str:
    """What to type, for the same account."""
    return call.program.remedy("{login} --replace")
