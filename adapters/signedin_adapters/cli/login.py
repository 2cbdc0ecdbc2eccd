"""Owns `signedin login`: one sign-in, and what has to be settled with a person before and after it.

The browser's prompt is `signedin_adapters.console`, an API key comes by `api_key`. Connected already, it opens nothing.
"""

import argparse
import os
import time
from functools import partial

import anyio

from signedin import Connection
from signedin.errors import MisuseError
from signedin.facts import AccountFacts
from signedin.ports import Store
from signedin.provider import Provider
from signedin.secret import Secret
from signedin.sign_in import SIGN_IN_SECONDS, Prompt
from signedin.snapshot import Snapshot
from signedin.states import State
from signedin_adapters import providers
from signedin_adapters.browser import open_browser
from signedin_adapters.cli import api_key, choosing, connecting, exit_codes, replacing, standing, status
from signedin_adapters.cli.choosing import Choice
from signedin_adapters.cli.errors import not_offered
from signedin_adapters.cli.invocation import Invocation
from signedin_adapters.cli.output import shown
from signedin_adapters.cli.storing import open_store_to_sign_in
from signedin_adapters.console import console_prompt

EXAMPLES = (
    "signedin login",
    "signedin login --no-browser",
    "signedin login --new --label work",
    "signedin login --enable-plan",
    "signedin login --api-key < key.txt",
)
LONGEST_LABEL = 120
KEY_PROVIDER = "openai"
"""Whose key `--api-key` means where no provider is named."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of this command alone."""
    parser.add_argument("--again", action="store_true", help="sign in although you are signed in")
    parser.add_argument("--new", action="store_true", help="add another account")
    parser.add_argument("--label", metavar="L", type=_label, help="what the new account is called")
    parser.add_argument("--replace", action="store_true", help="let whoever signs in now take the account's place")
    parser.add_argument("--enable-plan", action="store_true", help="ask again for leave to use the plan")
    parser.add_argument("--no-browser", action="store_true", help="only show the address")
    parser.add_argument("--port", metavar="N", type=_port, help="the port the browser comes back to")
    parser.add_argument(
        "--timeout", metavar="S", type=_seconds, default=SIGN_IN_SECONDS, help="seconds to wait (%(default)g)"
    )
    parser.add_argument("--device", action="store_true", help="sign in with a code, where the provider has that")
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
    choice = _choice(call)
    provider = providers.find(choice.provider, home=call.program.home)
    _refuse_other_ways(call, provider)
    if note := api_key.environment_note(call.program):
        call.out.note(note)
    if _is_connected(call, choice):
        return _tell_connected(call, choice)
    key = api_key.read(call.out) if provider.takes_key else None
    signed_in = anyio.run(partial(_sign_in, call, choice, provider, key))
    if os.environ.get("SIGNEDIN_STORE") == "memory" and not call.out.json:
        call.out.line(f"Signed in as {shown(signed_in.label)}, in memory alone: it ends with this command.")
        return exit_codes.OK
    status.report(call, signed_in.account_id)
    _tell_default(call, signed_in.account_id)
    return exit_codes.OK


def _tell_default(call: Invocation, account_id: str) -> None:
    """A new account is used where it is asked for, until it is made the default."""
    choice = choosing.choose(call.options, call.program)
    if not call.options.new or choice.account is None or choice.account.id == account_id:
        return
    label = next(each.label for each in choice.facts.accounts if each.id == account_id)
    call.out.note(f"It is used with --account {shown(label)}; {call.program.command('switch')} makes it the default.")


def _choice(call: Invocation) -> Choice:
    """The account to sign in to; none where it begins here."""
    options = call.options
    if options.new and options.account:
        raise MisuseError("--account names an account that there is; a new one is named with --label.")
    if options.new and options.replace:
        raise MisuseError("--new adds an account and --replace changes one: choose.")
    if options.api_key and not (options.provider or options.account or os.environ.get("SIGNEDIN_ACCOUNT")):
        named = os.environ.get("SIGNEDIN_PROVIDER") or providers.default_name(call.program.home)
        options.provider = named or KEY_PROVIDER
    choice = connecting.chosen(call)
    known = choice.account is not None and choosing.is_complete(choice.account)
    if options.label and known and not options.new:
        raise MisuseError(f"--label names a new account: add --new, or leave it out to sign in to {_name(choice)}.")
    if options.new:
        choice.account = None
        choice.provider = options.provider or choice.provider
    return choice


def _refuse_other_ways(call: Invocation, provider: Provider) -> None:
    options = call.options
    by_key = options.api_key and not provider.takes_key
    for asked, way in ((options.device, "signing in with a code"), (by_key, "signing in with an API key")):
        if asked:
            raise not_offered(f"{provider.title} does not offer {way}.")
    if provider.takes_key and not options.api_key:
        login = call.program.command(f"login --provider {provider.name} --api-key")
        raise not_offered(f"{provider.title} does not offer signing in with a browser: run {login}.")
    if provider.takes_key and options.enable_plan:
        raise not_offered(f"{provider.title} does not offer plan use.")


def _is_connected(call: Invocation, choice: Choice) -> bool:
    options = call.options
    if choice.account is None or options.again or options.replace or options.enable_plan:
        return False
    judged = standing.judged(choice.facts, choice.account, call.program, at=time.time())
    return judged.state in (State.CONNECTED, State.REFRESHING)


def _tell_connected(call: Invocation, choice: Choice) -> int:
    status.tell(choice, call.program, call.out)
    login = call.program.command("login")
    if not call.out.json:
        call.out.note()
        call.out.note(f"  {login + ' --again':<34} signs in anew")
        call.out.note(f"  {login + ' --new --label LABEL':<34} adds another account")
        call.out.note(f"  {login + ' --enable-plan':<34} asks again for leave to use the plan")
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
        if key is not None:
            await connection.sign_in_with_key(key)
        else:
            await _sign_in_with_browser(call, connection)
        _tell_notice(call, connection)
    await _settle(call, choice.account, connection.snapshot, store)
    return connection.snapshot


async def _sign_in_with_browser(call: Invocation, connection: Connection) -> None:
    options = call.options
    await connection.sign_in(
        prompt=_prompt(call),
        seconds=options.timeout,
        ports=(options.port,) if options.port is not None else None,
        consent=options.enable_plan,
    )


async def _settle(call: Invocation, before: AccountFacts | None, now: Snapshot, store: Store) -> None:
    """What the new account is called, and what becomes of the one that it replaces."""
    options = call.options
    if options.replace and before is not None:
        await replacing.take_the_place(call, before, by=now.account_id, store=store)
    elif options.new and options.label is None and call.out.asks:
        _ask_for_label(call, now, store)


def _prompt(call: Invocation) -> Prompt:
    return console_prompt(open_browser=None if call.options.no_browser else open_browser, plain=call.out.plain)


def _ask_for_label(call: Invocation, now: Snapshot, store: Store) -> None:
    """The new account has the provider's name for it; a person may prefer another."""
    taken = {record.label for record in store.records()}
    while wanted := call.out.ask(f"Name this account [{shown(now.label)}]: "):
        if wanted == now.label:
            return
        if wanted not in taken and is_label(wanted):
            replacing.rename(store, now.account_id, wanted)
            return
        call.out.note("That name is taken." if wanted in taken else "A name is one short line of text.")


def _tell_notice(call: Invocation, connection: Connection) -> None:
    """Once an account: what allowing plan use means."""
    if not connection.snapshot.notice_due:
        return
    provider = connection.provider
    where = f" What it uses, and how to end that: {provider.manage_url}" if provider.manage_url else ""
    call.out.note(f"{call.program.app_name} now uses your plan for its requests, within your plan's limits.{where}")
    call.out.note()
    connection.acknowledge_notice()


def _name(choice: Choice) -> str:
    account = choice.account
    return shown(account.label or account.id) if account is not None else "it"


def is_label(text: str) -> bool:
    """Whether an account can be called this."""
    return bool(text.strip()) and text == text.strip() and len(text) <= LONGEST_LABEL and text.isprintable()


def _label(text: str) -> str:
    if not is_label(text):
        raise argparse.ArgumentTypeError("a label is one short line of text")
    return text


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
