"""Owns `signedin doctor`: everything that a connection needs, looked at at once, and a bundle for whoever helps.

It never asks and never refreshes. What it writes is one probe of its own, which it removes, and the bundle.
"""

import argparse
import sys
from collections.abc import Sequence
from functools import partial

import anyio

from signedin.errors import MisuseError, StoreError
from signedin_adapters import doctor, providers
from signedin_adapters.cli import examining, findings, standing
from signedin_adapters.cli.examining import Visit
from signedin_adapters.cli.invocation import Invocation
from signedin_adapters.cli.output import shown
from signedin_adapters.cli.program import Program
from signedin_adapters.cli.resembling import hint
from signedin_adapters.doctor import Check, Patient, bundle
from signedin_adapters.doctor.redaction import Redaction
from signedin_adapters.doctor.versions import versions
from signedin_adapters.lines import fitted

READS_OTHER_APPS = True
EXAMPLES = (
    "signedin doctor",
    "signedin doctor --online",
    "signedin doctor store.backend loopback.bind",
    "signedin doctor --bundle report.zip",
)
_EXIT = """\
It asks nobody anything, refreshes nothing and repairs nothing.
Exit code: 0 where no check fails, warnings or not; else that of the first one
that does, by its case, as in status; 5 where it gave no answer in time."""
GATHERING_SECONDS = 20.0
"""How long reading the log into the bundle may take."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of this command alone."""
    parser.description = f"{parser.description}\n{_EXIT}"
    parser.add_argument("checks", metavar="CHECK", nargs="*", help="these alone, with what they build on")
    parser.add_argument("--online", action="store_true", help="contact the provider's hosts too, without a token")
    parser.add_argument("--bundle", metavar="FILE", help="write a zip to hand on: findings, status and log, redacted")
    parser.add_argument("--force", action="store_true", help="let the bundle take the place of a file")


def run(call: Invocation) -> int:
    """Examine, tell, and write the bundle if one is wanted."""
    checks = _checks(call.options.checks, online=call.options.online)
    visit = examining.examined(call, checks)
    if not call.out.json:
        findings.tell(visit.found, call.program, call.out, online=call.options.online)
    if call.options.bundle is not None:
        _write_bundle(call, visit)
    call.out.object(findings.answer(visit.found, call.program))
    return findings.code(visit.found, call.program)


def _checks(wanted: Sequence[str], *, online: bool) -> tuple[Check, ...]:
    """The checks to run. Raises MisuseError for a name that is none, and for one that needs --online."""
    by_id = {check.id: check for check in doctor.CHECKS}
    for name in wanted:
        if name not in by_id:
            guess = hint(name, by_id)
            raise MisuseError(f"There is no check called {shown(name)}. {guess}Checks: {', '.join(by_id)}.")
        if by_id[name].online and not online:
            raise MisuseError(f"{name} contacts the provider: add --online.")
    offered = [check for check in doctor.CHECKS if online or not check.online]
    return doctor.with_causes(wanted or [check.id for check in offered], offered)


def _write_bundle(call: Invocation, visit: Visit) -> None:
    """Raises MisuseError where it cannot be written, SecretFound where it must not, StoreError where the log hangs."""
    unnamed = call.program.anew()
    answers: dict[str, object] = {
        "doctor": {"schema": 1, **findings.answer(visit.found, unnamed)},
        "status": _status(visit, unnamed),
        "providers": _providers(visit.patient),
        "versions": versions(),
    }
    gather = partial(bundle.gather, Redaction(visit.patient).of(answers), visit.patient.log)
    try:
        files = anyio.run(doctor.within, GATHERING_SECONDS, gather)
    except TimeoutError:
        raise StoreError("No bundle was written: the log could not be read in time") from None
    bundle.write(call.options.bundle, bundle.packed(files), force=call.options.force)
    call.out.note()
    call.out.note(fitted(f"Wrote {call.options.bundle}: {', '.join(files)}.", sys.stderr))
    call.out.note(fitted("Nothing in it looks like a secret. Look through it before you hand it on.", sys.stderr))


def _status(visit: Visit, program: Program) -> "dict[str, object] | None":
    """What `status --json` says, without who it is about."""
    account, status = visit.patient.account, visit.patient.status
    if status is None:
        return None
    told = standing.answer(visit.choice, status, standing.case_of(status.case), program)
    plan = {"plan": account.plan} if account is not None else None
    return {"schema": 1, **told, "account": plan}


def _providers(patient: Patient) -> "dict[str, object]":
    """The names of what there is; settings are nobody else's."""
    if patient.refusal is not None or not patient.answered:
        return {"providers": None}
    known = providers.known(patient.paths.home)
    return {"providers": [{"name": each.name, "available": each.profile is not None} for each in known]}
