"""Owns how a new sign-in takes an account's place: label and age pass over, and with them being the default.

The account it replaces is signed out and removed once the new one stands, never before.
"""

from dataclasses import replace

from signedin.facts import AccountFacts
from signedin.ports import Store
from signedin_adapters.cli import leaving
from signedin_adapters.cli.invocation import Invocation

UNCONFIRMED = "The provider did not confirm that the session which was there before has ended."


async def take_the_place(call: Invocation, account: AccountFacts, *, by: str, store: Store) -> None:
    """Remove `account`; the one with the id `by` gets its label and its age. Says where its end was not confirmed."""
    preferences = store.preferences()
    if await leaving.forget(call, account) is False:
        call.out.note(UNCONFIRMED)
    if account.label:  # a registration that never came to a session has none to pass on
        record = next(record for record in store.records() if record.id == by)
        store.save_record(replace(record, label=account.label, created_at=account.created_at))
    store.save_preferences(preferences)
