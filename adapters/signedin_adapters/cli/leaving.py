"""Owns how an account is left: signed out, and removed where that is asked. It asks nobody; its callers do."""

from dataclasses import replace

from signedin.errors import ConfigurationError, UnknownProvider
from signedin.facts import AccountFacts
from signedin_adapters import providers
from signedin_adapters.cli import connecting, storing
from signedin_adapters.cli.choosing import Choice, look
from signedin_adapters.cli.invocation import Invocation


async def sign_out(call: Invocation, account: AccountFacts, *, revoke: bool) -> bool | None:
    """End the session. True where the provider confirmed it, False where it did not, None where it was not asked.

    A provider that is gone, from the configuration or from this machine, holds nobody back: it is not confirmed then.
    """
    if not account.label or not _is_known(call, account):
        held = account.session is not None and account.session.has_refresh_token
        unconfirmed = revoke and (held or account.revocation_pending)
        _sign_out_here(call, account, keep_for_revocation=unconfirmed)
        return False if unconfirmed else None
    choice = Choice(look(call.program), account, None, account.provider)
    async with connecting.opened(call, choice) as connection:
        return await connection.sign_out(revoke=revoke)


async def forget(call: Invocation, account: AccountFacts) -> bool | None:
    """Sign out as far as that is possible, then remove registration, key and record."""
    revoked: bool | None = None
    if account.session is not None or account.revocation_pending:
        revoked = await sign_out(call, account, revoke=True)
    storing.store_of(call, account).forget(account.id)
    _be_no_default(call, account)
    return revoked


def _be_no_default(call: Invocation, account: AccountFacts) -> None:
    register = storing.register(call)
    preferences = register.preferences()
    if account.label and preferences.default_account == account.label:
        register.save_preferences(replace(preferences, default_account=None))


def _sign_out_here(call: Invocation, account: AccountFacts, *, keep_for_revocation: bool) -> None:
    """Without its provider: what lies on this machine is removed, and nobody is told."""
    store = storing.store_of(call, account)
    ended = store.mark_signed_out(account.id)
    store.clear(account.id, ended=ended, keep_for_revocation=keep_for_revocation)


def _is_known(call: Invocation, account: AccountFacts) -> bool:
    try:
        providers.find(account.provider, home=call.program.home)
    except (UnknownProvider, ConfigurationError):
        return False
    return True
