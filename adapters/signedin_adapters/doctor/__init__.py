"""The doctor: looks at everything that a connection needs, all at once, and says what is wrong and what to do.

It asks nobody anything, refreshes nothing, and leaves everything as it was. What it did not look at, it says.
"""

from signedin_adapters.doctor import (
    browser_check,
    credential,
    environment,
    history,
    lock_owner,
    loopback_check,
    network,
    state,
    storage,
)
from signedin_adapters.doctor.check import Check, Finding
from signedin_adapters.doctor.examination import Examined, examine, with_causes, within
from signedin_adapters.doctor.patient import Patient

__all__ = ["CHECKS", "Check", "Examined", "Finding", "Patient", "examine", "with_causes", "within"]

CHECKS: tuple[Check, ...] = (
    *state.CHECKS,
    *storage.CHECKS,
    *credential.CHECKS,
    *lock_owner.CHECKS,
    *environment.CHECKS,
    *network.CHECKS,
    *loopback_check.CHECKS,
    *browser_check.CHECKS,
    *history.CHECKS,
)
"""All checks, in the order in which they are told."""
