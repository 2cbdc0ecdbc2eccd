"""Owns how a new sign-in takes an account's place: its label passes over, and with it being the default.

The account it replaces is signed out and removed once the new one stands, never before.
"""

from dataclasses import replace

from signedin.facts import AccountFacts
from signedin.ports import Store
from signedin_adapters.cli import leaving
from signedin_adapters.cli.invocation import Invocation


async def take_the_place(call: Invocation, account: AccountFacts, *, by: str, store: Store) -> None:
    """Remove `account` and give its label to the account with the id `by`. Says where its end was not confirmed."""
    preferences = store.preferences()
    if await leaving.forget(call, account) is False:
        call.out.note(UNCONFIRMED)
    if account.label:  # a registration that never came to a session has none to pass on
        rename(store, by, account.label)
    store.save_preferences(preferences)


def rename(store: Store, account_id: str, label: str) -> None:
    """Call the account `label`. Raises StoreError."""
    record = next(record for record in store.records() if record.id == account_id)
    store.save_record(replace(record, label=label))


UNCONFIRMED = "The provider did not confirm that the session which was there before has ended."
