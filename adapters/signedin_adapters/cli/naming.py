"""Owns what an account is called: which texts are labels, and the one question about a new account's name."""

import argparse
from dataclasses import replace

from signedin.ports import Store
from signedin.snapshot import Snapshot
from signedin_adapters.cli.invocation import Invocation
from signedin_adapters.cli.output import shown

LONGEST_LABEL = 120


def is_label(text: str) -> bool:
    """Whether an account can be called this."""
    return bool(text.strip()) and text == text.strip() and len(text) <= LONGEST_LABEL and text.isprintable()


def label(text: str) -> str:
    """For argparse: a label, or an error."""
    if not is_label(text):
        raise argparse.ArgumentTypeError("a label is one short line of text")
    return text


def has_namesake(now: Snapshot, store: Store) -> bool:
    """Whether another account has the same e-mail address, so that a number alone tells the two apart."""
    others = (record.email for record in store.records() if record.id != now.account_id)
    return now.email is not None and now.email in others


def ask(call: Invocation, now: Snapshot, store: Store) -> None:
    """The new account has the provider's name for it; a person may prefer another. Raises StoreError."""
    taken = {record.label for record in store.records()}
    while wanted := call.out.ask(f"Name this account [{shown(now.label)}]: "):
        if wanted == now.label:
            return
        if wanted not in taken and is_label(wanted):
            rename(store, now.account_id, wanted)
            return
        call.out.note("That name is taken." if wanted in taken else "A name is one short line of text.")


def rename(store: Store, account_id: str, wanted: str) -> None:
    """Call the account this. Raises StoreError."""
    record = next(record for record in store.records() if record.id == account_id)
    store.save_record(replace(record, label=wanted))
