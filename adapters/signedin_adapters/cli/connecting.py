"""Owns how a command comes to its connection: the rules that choose, the store, and a process that keeps to itself."""

import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from signedin import Connection, cases
from signedin.errors import ConfigurationError, InteractionRequired, StoreError
from signedin.ports import Store
from signedin.snapshot import Snapshot
from signedin.states import Flag, State
from signedin.stored_state import FOUND_ANEW
from signedin_adapters import providers
from signedin_adapters.cli import choosing, faults, target
from signedin_adapters.cli.choosing import Choice
from signedin_adapters.cli.invocation import Invocation
from signedin_adapters.cli.storing import open_store
from signedin_adapters.cli.unopened import noted

_PR_SET_DUMPABLE = 4


@asynccontextmanager
async def connected(call: Invocation, *, signed_in: bool = True) -> AsyncGenerator[Connection]:
    """The connection that the options mean. Raises InteractionRequired where nobody is signed in, unless told not to.

    Raises MisuseError, UnknownAccount, UnknownProvider, ConfigurationError and StoreError as well.
    """
    choice = chosen(call)
    faults.refuse_unreadable(choice.account, call.program)
    if signed_in and choice.account is None:
        raise InteractionRequired("Nobody is signed in.")
    async with opened(call, choice) as connection:
        if signed_in and connection.needs_sign_in:
            raise _nobody(connection)
        yield connection
        _tell_unsaved(call, connection.snapshot)


@asynccontextmanager
async def opened(call: Invocation, choice: Choice, *, store: Store | None = None) -> AsyncGenerator[Connection]:
    """The connection of the chosen account, or of a first one at the chosen provider."""
    keep_to_ourselves()
    provider = providers.find(choice.provider, home=call.program.home)
    async with Connection.open(
        app_name=call.program.app_name,
        account=choice.account.label or None if choice.account is not None else None,
        provider=provider,
        store=store or open_store(call, choice, provider),
        home=call.program.home,
    ) as connection:
        yield connection


def chosen(call: Invocation) -> Choice:
    """The account that the options mean, with a word to people about what was left aside."""
    with noted(ConfigurationError, call.program):
        choice = choosing.choose(call.options, call.program)
    for note in choice.notes:
        call.out.note(note)
    call.program.target = target.chosen(choice, call.options, call.program.home)
    return choice


def require_saved(now: Snapshot) -> None:
    """Raise StoreError for a session that ends with this command."""
    case = _unsaved(now)
    if case is not None:
        raise StoreError(f"{case.title}.", case=case.id)


def keep_to_ourselves() -> None:
    """No other process of this user may read our memory (Linux, prctl(2)): from here on there are tokens in it."""
    if sys.platform != "linux":
        return
    from ctypes import CDLL

    CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def _tell_unsaved(call: Invocation, now: Snapshot) -> None:
    """A word beside what the command says: it did its work, and the next one may have to sign in."""
    case = _unsaved(now)
    if case is not None:
        more = call.program.explain(case.id)
        told = f"{case.title}: the renewed session ends with this command."
        call.out.note(f"{told} More: {more}" if more else told)


def _unsaved(now: Snapshot) -> cases.Case | None:
    """Why the session lies in this process's memory alone; None where it does not."""
    if Flag.STORAGE_DEGRADED not in now.flags or (now.case is not None and now.case.id == FOUND_ANEW):
        return None
    return now.case or cases.find("persist-failed-at-login")


def _nobody(connection: Connection) -> InteractionRequired:
    case = connection.case
    if case is None:
        return InteractionRequired("Nobody is signed in.")
    last = "Nobody is signed in. Last time: " if connection.state is State.DISCONNECTED else ""
    return InteractionRequired(f"{last}{case.title}.", case=case.id)
