"""Owns what a file that cannot be taken at its word keeps a command from, before anything is asked of anybody.

`status` shows every fault; a command refuses only where it would go on as if nothing lay there.
"""

from signedin.errors import StoreError
from signedin.facts import AccountFacts, Fault
from signedin_adapters.cli.program import Program
from signedin_adapters.cli.unopened import noted


def refuse_newer(account: AccountFacts | None, program: Program) -> None:
    """Raise StoreError where a later version wrote what a sign-in would pass by or replace: it is left alone."""
    with noted(StoreError, program):
        for fault in _of(account):
            if fault.case == "schema-newer":
                raise _error(fault)


def refuse_unreadable(account: AccountFacts | None, program: Program) -> None:
    """Raise StoreError where the record itself cannot be read: whom to ask for a session is not known then."""
    if account is None or account.label:
        return
    with noted(StoreError, program):
        for fault in _of(account):
            if fault.case != "file-too-open":
                raise _error(fault)


def _of(account: AccountFacts | None) -> tuple[Fault, ...]:
    return account.faults if account is not None else ()


def _error(fault: Fault) -> StoreError:
    return StoreError(fault.message, case=fault.case, path=fault.path)
