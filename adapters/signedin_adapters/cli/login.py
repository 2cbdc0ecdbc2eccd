"""Owns `signedin login`: one sign-in, and what has to be settled with a person before and after it.

The browser's prompt is `signedin_adapters.console`, an API key comes by `api_key`. Connected already, it opens nothing.
"""

import argparse
import os
import time
from functools import partial

import anyio

from signedin import Connection
from signedin.errors import MisuseError, SignInFailed
from signedin.facts import AccountFacts
from signedin.ports import Store
from signedin.provider import Provider
from signedin.secret import Secret
from signedin.sign_in import SIGN_IN_SECONDS
from signedin.snapshot import Snapshot
from signedin.states import State
from signedin_adapters import providers
from signedin_adapters.cli import (
    api_key,
    choosing,
    connecting,
    exit_codes,
    faults,
    naming,
    notices,
    registering,
    replacing,
    standing,
    status,
    target,
    ways,
)
from signedin_adapters.cli.choosing import Choice
from signedin_adapters.cli.invocation import Invocation
from signedin_adapters.cli.output import shown
from signedin_adapters.cli.storing import open_store_to_sign_in

EXAMPLES = (
    "signedin login",
    "signedin login --no-browser",
    "signedin login --provider codex --device",
    "signedin login --new --label work",
    "signedin login --enable-plan",
    "signedin login --api-key < key.txt",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of this command alone."""
    parser.add_argument("--again", action="store_true", help="sign in although you are signed in")
    parser.add_argument("--new", action="store_true", help="add another account")
    parser.add_argument("--label", metavar="L", type=naming.label, help="what the new account is called")
    parser.add_argument("--replace", action="store_true", help="let whoever signs in now take the account's place")
    parser.add_argument("--enable-plan", action="store_true", help="ask again for leave to use the plan")
    parser.add_argument("--no-browser", action="store_true", help="only show the address")
    parser.add_argument("--port", metavar="N", type=_port, help="the port the browser comes back to")
    parser.add_argument(
        "--timeout",
        metavar="S",
        type=_seconds,
        help=f"seconds to wait ({SIGN_IN_SECONDS:g}, or as long as the code lasts)",
    )
    parser.add_argument(
        "--device", action="store_true", help="sign in with a code typed in any browser (not every provider)"
    )
    parser.add_argument(
        "--api-key",
        nargs="?",
        const=True,
        default=False,
        type=api_key.refuse_argument,
        metavar="< FILE",
        help="read an API key from stdin, never from here",
    )


def run(call: Invocation) -> int:
    """Sign in, and tell who is."""
    ways.check(call.options)
    _check(call.options)
    choice = _choice(call)
    provider = providers.find(choice.provider, home=call.program.home)
    ways.refuse_others(call, provider)
    ways.refuse_port(call.options, provider)
    faults.refuse_newer(choice.account, call.program)
    if note := api_key.environment_note(call.program):
        call.out.note(note)
    if _is_connected(call, choice):
        return _tell_connected(call, choice, provider)
    key = api_key.read(call.out) if provider.takes_key else None
    registering.consider(call, choice, provider)
    signed_in = _signed_in(call, choice, provider, key)
    if os.environ.get("SIGNEDIN_STORE") == "memory" and not call.out.json:
        call.out.line(f"Signed in as {shown(signed_in.label)}, in memory alone: it ends with this command.")
        return exit_codes.OK
    status.report(call, signed_in.account_id)
    notices.tell_default(call, signed_in.account_id)
    return exit_codes.OK


def _signed_in(call: Invocation, choice: Choice, provider: Provider, key: Secret | None) -> Snapshot:
    """Sign in; a second time, with a new registration, where the provider no longer knows the one that there was."""
    try:
        return anyio.run(partial(_sign_in, call, choice, provider, key))
    except SignInFailed as failed:
        if failed.case == "callback-never-arrives":
            registering.hint(call, choice, provider)
        if failed.case != registering.GONE or not call.out.asks:
            raise
        call.out.note(failed.message)
        if not registering.offer(call):
            raise
    return anyio.run(partial(_sign_in, call, choice, provider, key))


def _check(options: argparse.Namespace) -> None:
    """Raises MisuseError for options that say different things of the account."""
    if options.new and options.account:
        raise MisuseError("--account names an account that there is; a new one is named with --label.")
    if options.new and options.replace:
        raise MisuseError("--new adds an account and --replace changes one: choose.")
    if options.label and options.replace:
        raise MisuseError("--replace keeps the account's label: leave --label out.")


def _choice(call: Invocation) -> Choice:
    """The account to sign in to; none where it begins here. Raises MisuseError for a label that one has already."""
    options = call.options
    if options.api_key and not (options.provider or options.account or os.environ.get("SIGNEDIN_ACCOUNT")):
        named = os.environ.get("SIGNEDIN_PROVIDER") or providers.default_name(call.program.home)
        options.provider = named or ways.KEY_PROVIDER
    choice = connecting.chosen(call)
    known = choice.account is not None and choosing.is_complete(choice.account)
    if options.label and known and not options.new:
        raise MisuseError(f"--label names a new account: add --new, or leave it out to sign in to {_name(choice)}.")
    if options.new:
        choice.account = None
        choice.provider = options.provider or choice.provider
    call.program.target = target.signing_in(choice, options, call.program.home)
    return choice


def _is_connected(call: Invocation, choice: Choice) -> bool:
    options = call.options
    if choice.account is None or options.again or options.replace or options.enable_plan:
        return False
    judged = standing.judged(choice.facts, choice.account, call.program, at=time.time())
    return judged.state in (State.CONNECTED, State.REFRESHING)


def _tell_connected(call: Invocation, choice: Choice, provider: Provider) -> int:
    status.tell(choice, call.program, call.out)
    if not call.out.json:
        notices.tell_of_more(call, provider)
    return exit_codes.OK


async def _sign_in(call: Invocation, choice: Choice, provider: Provider, key: Secret | None) -> Snapshot:
    """Carry one attempt to its end; the connection as it is then."""
    options = call.options
    store = await anyio.to_thread.run_sync(open_store_to_sign_in, call, choice, provider)
    begins = options.new or options.replace or options.label is not None
    here = choice.account.label or None if choice.account is not None and not begins else None
    connecting.keep_to_ourselves()
    async with Connection.open(
        app_name=call.program.app_name,
        account=options.label if begins else here,
        new=begins,
        provider=provider,
        store=store,
        home=call.program.home,
    ) as connection:
        await _carry_out(call, connection, key)
    await _settle(call, choice.account, connection.snapshot, store)
    return connection.snapshot


async def _carry_out(call: Invocation, connection: Connection, key: Secret | None) -> None:
    """Go the way that was asked for; tell before it and after it what has to be told once.

    Nothing follows on a session that ends with this command: no account makes way for it.
    """
    if notices.is_owed(connection):
        notices.tell_of_provider(call, connection)
    if key is not None:
        await connection.sign_in_with_key(key)
    else:
        await ways.sign_in(call, connection)
    connecting.require_saved(connection.snapshot)
    if connection.snapshot.notice_due:
        notices.tell_of_plan(call, connection)
        connection.acknowledge_notice()


async def _settle(call: Invocation, before: AccountFacts | None, now: Snapshot, store: Store) -> None:
    """What the new account is called, and what becomes of the one that it replaces."""
    options = call.options
    if options.replace and before is not None:
        await replacing.take_the_place(call, before, by=now.account_id, store=store)
    elif options.label is None and call.out.asks and _is_to_be_named(call, before, now, store):
        naming.ask(call, now, store)


def _is_to_be_named(call: Invocation, before: AccountFacts | None, now: Snapshot, store: Store) -> bool:
    """An account that was asked for as a new one, and one whose e-mail address another has."""
    begins = before is None or not before.label
    return begins and (bool(call.options.new) or naming.has_namesake(now, store))


def _name(choice: Choice) -> str:
    account = choice.account
    return shown(account.label or account.id) if account is not None else "it"


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError("a port is a number from 1 to 65535")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= 86400:
        raise argparse.ArgumentTypeError("a time is a number of seconds, up to a day")
    return seconds
