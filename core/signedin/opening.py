"""Owns putting an account together: which one is meant, which store holds it, which adapters serve it.

There is one `Account` object for an account in a process, so that all handles share its state and its exchanges.
"""

import os
import threading
import time
from collections.abc import Generator, Iterable
from contextlib import contextmanager, suppress
from typing import Any, TypeVar
from weakref import WeakSet

from signedin import exchange, selection, sign_in, wiring
from signedin.account import Account
from signedin.cases import CASES
from signedin.errors import MisuseError, SignedinError
from signedin.failures import Failures
from signedin.lookout import is_nobodys
from signedin.ports import Clock, Http, Log, Store
from signedin.provider import Provider
from signedin.record import AccountRecord

DEFAULT_PROVIDER = "chatgpt"

T = TypeVar("T")

_accounts: "WeakSet[Account]" = WeakSet()
_unopened: dict[tuple[str, str | None], Failures] = {}
"""What was told of apps that cannot be opened."""
_opening = threading.RLock()  # a listener that hears of another process may open a connection itself
_listing = threading.Lock()  # held for the set alone, whoever looks


def open_account(
    *,
    app_name: str,
    label: str | None,
    provider: str | Provider | None,
    store: str | Store | None,
    home: str | None,
    http: Http | None,
    log: Log | None,
    clock: Clock = time.time,
    new: bool = False,
) -> Account:
    """The account that is meant, loaded; with `new` one that begins here.

    Raises ConfigurationError, MisuseError, UnknownAccount, UnknownProvider, StoreError.
    """
    _require_name(app_name)
    with _noted(app_name, home, log):
        profile = _profile(provider, home)
        record = _select(app_name, label, profile, store, home, new=new)
        profile = profile or _profile(record.provider if record else DEFAULT_PROVIDER, home)
        assert profile is not None  # noqa: S101 - a name always gives a profile, or raises
        record = record or selection.new_record(profile, label=label or "")
        held = _store(app_name, record, profile, store, home)
        with _opening:
            account = _known(held.place, record)
            if account is None or new:
                others = _opened()
                account = Account(
                    record=record,
                    provider=_one(profile, (other.provider for other in others)),
                    app_name=app_name,
                    store=_one(held, (other.store for other in others)),
                    http=http or _one(wiring.default("http")(home=home), (other.http for other in others)),
                    listen=wiring.default("loopback")(home=home),
                    log=log or wiring.default("log")(app=app_name, home=home, store=held.kind),
                    clock=clock,
                    may_be=_is_nobodys_here if not new else _is_its_own,
                )
                with _listing:
                    _accounts.add(account)
        account.open()
    return account


def _require_name(app_name: object) -> None:
    """People read it when they consent, and their accounts lie under it."""
    if not isinstance(app_name, str) or not app_name.isprintable() or not any(map(str.isalnum, app_name)):
        raise MisuseError("app_name must be your product's own name, in one line.")


@contextmanager
def _noted(app_name: str, home: str | None, log: Log | None) -> Generator[None]:
    """Note why the account could not be opened; once it could be, the next failure is told anew."""
    try:
        yield
    except SignedinError as error:
        note(error.case, app_name=app_name, home=home, log=log)
        raise
    _unopened.pop((app_name, home), None)


def note(case: str, *, app_name: str, home: str | None, log: Log | None = None, call: str = "open") -> None:
    """Note why `call` came to nothing before an account was open, for whoever looks before opening one as well.

    There is no account that could tell, so a run of its own does, once until opening goes well.
    """
    if case not in CASES:
        return
    with suppress(SignedinError):
        if (app_name, home) not in _unopened:
            run = log or wiring.default("log")(app=app_name, home=home, store="none")
            _unopened[app_name, home] = Failures(run, lambda: None)
        _unopened[app_name, home].note(call, case)


def _begin_again() -> None:
    """In a forked child only the thread that forked lives on: others free no lock there, and end no exchange."""
    global _accounts, _opening, _listing
    _accounts, _opening, _listing = WeakSet(tuple(_accounts)), threading.RLock(), threading.Lock()
    exchange.begin_again()
    sign_in.begin_again()
    for account in tuple(_accounts):
        account.begin_again()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_again)


def forget_open_accounts() -> None:
    """For tests, and the fixture that signs in for them: what is opened from here on is opened as in another process.

    What is open goes on, and shares its accounts with nobody.
    """
    with _listing:
        _accounts.clear()
    _unopened.clear()


def _known(place: str, record: AccountRecord) -> Account | None:
    """The object that is this account's already. Where nobody ever signed in, handles share the account to come."""
    for account in _opened():
        if account.store.place != place or account.record.provider != record.provider:
            continue
        if is_nobodys(account.record):
            account.look(at_once=True)
        if account.record.id == record.id or (is_nobodys(account.record) and is_nobodys(record)):
            return account
    return None


def _one(made: T, others: Iterable[T]) -> T:
    """What an open account has already, where it is equal: a thousand accounts then keep one of it."""
    return next((other for other in others if other == made), made)


def _is_nobodys_here(account_id: str) -> bool:
    """Whether no object of this process is that account already."""
    return all(account.record.id != account_id for account in _opened())


def _is_its_own(_: str) -> bool:
    """What was asked for as a new account never turns out to be one that somebody else signed in to."""
    return False


def _opened() -> tuple[Account, ...]:
    with _listing:
        return tuple(_accounts)


def _profile(provider: str | Provider | None, home: str | None) -> Provider | None:
    if provider is None or isinstance(provider, Provider):
        return provider
    profile: Provider = wiring.default("provider")(provider, home=home)
    return profile


def _select(
    app_name: str,
    label: str | None,
    profile: Provider | None,
    store: str | Store | None,
    home: str | None,
    *,
    new: bool,
) -> AccountRecord | None:
    """The record that is meant. Records hold no secret, so they are read before it is known where the key lies."""
    if store is None or isinstance(store, str):
        register = _named(wiring.default("register")(store), app_name, home)
    else:
        register = store
    return selection.select(
        register.records(),
        label=label,
        provider=None if profile is None else profile.name,
        default=register.preferences().default_account,
        new=new,
    )


def _store(
    app_name: str, record: AccountRecord, profile: Provider, store: str | Store | None, home: str | None
) -> Store:
    if store is not None and not isinstance(store, str):
        return store
    choose: Any = wiring.default("store")
    name = choose(app=app_name, home=home, account_id=record.id, secret=profile.secret, asked=store)
    return _named(name, app_name, home)


def _named(name: str, app_name: str, home: str | None) -> Store:
    opened: Store = wiring.store_named(name)(app=app_name, home=home)
    return opened
