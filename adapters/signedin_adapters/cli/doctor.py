"""Owns `signedin doctor`: everything that a connection needs, looked at at once, and a bundle for whoever helps.

It never asks and never refreshes. What it writes is one probe of its own, which it removes, and the bundle.
"""

import argparse
import platform
import time
from collections.abc import Callable, Sequence
from functools import partial
from importlib import metadata
from typing import TypeVar

import anyio

from signedin.errors import ConfigurationError, MisuseError, SignedinError, UnknownProvider
from signedin.version import VERSION
from signedin_adapters import config, doctor, log, providers
from signedin_adapters.cli import choosing, findings, standing, target
from signedin_adapters.cli.choosing import Choice
from signedin_adapters.cli.invocation import Invocation
from signedin_adapters.cli.output import shown
from signedin_adapters.cli.program import Program
from signedin_adapters.cli.resembling import hint
from signedin_adapters.config import Network
from signedin_adapters.doctor import bundle
from signedin_adapters.doctor.check import Check
from signedin_adapters.doctor.examination import Examined
from signedin_adapters.doctor.patient import Patient
from signedin_adapters.doctor.redaction import Redaction

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
_NAMED_VERSIONS = ("anyio", "cryptography", "httpx", "keyring", "psutil", "truststore")

T = TypeVar("T")


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
    patient, choice = _patient(call)
    found = anyio.run(partial(doctor.examine, patient, checks))
    if call.options.bundle is not None:
        _write_bundle(call, patient, choice, found)
    call.out.object(findings.answer(found, call.program))
    if not call.out.json:
        findings.tell(found, call.program, call.out, online=call.options.online)
    return findings.code(found, call.program)


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


class _Refusals:
    """What is wrong with the configuration stops no other look; the first trouble is kept."""

    first: SignedinError | None = None

    def unless(self, look: Callable[[], T], otherwise: T) -> T:
        """What `look` gives, or `otherwise` where the configuration does not let it."""
        try:
            return look()
        except (ConfigurationError, UnknownProvider) as error:
            self.first = self.first or error
            return otherwise


def _patient(call: Invocation) -> tuple[Patient, Choice]:
    """The account that is meant, as it is now. Raises UnknownAccount, ConfigurationError."""
    program, refusals, at = call.program, _Refusals(), time.time()
    facts, home, paths = choosing.look(program), program.home, program.paths()
    choice = refusals.unless(lambda: choosing.choose(call.options, program), choosing.by_default(facts))
    program.target = target.chosen(choice, call.options, home)
    patient = Patient(
        app_name=program.app_name,
        paths=paths,
        facts=choice.facts,
        account=choice.account,
        network=refusals.unless(lambda: config.read(home).network, Network()),
        provider=refusals.unless(lambda: providers.find(choice.provider, home=home), None),
        status=refusals.unless(
            lambda: standing.judged(choice.facts, choice.account, program, at=at, provider=choice.asked), None
        ),
        log=refusals.unless(lambda: log.place(paths.log), None),
        refusal=refusals.first,
        rule=choice.selected_by,
        at=at,
        online=call.options.online,
    )
    return patient, choice


def _write_bundle(call: Invocation, patient: Patient, choice: Choice, found: Sequence[Examined]) -> None:
    """Raises MisuseError where the file cannot be written, SecretFound where it must not."""
    unnamed = Program(app_name=call.program.app_name, prog=call.program.prog, home=call.program.home)
    answers: dict[str, object] = {
        "doctor": {"schema": 1, **findings.answer(found, unnamed)},
        "status": _status(patient, choice, unnamed),
        "providers": _providers(patient),
        "versions": _versions(),
    }
    files = bundle.gather(Redaction(patient).of(answers), patient.log)
    bundle.write(call.options.bundle, bundle.packed(files), force=call.options.force)
    call.out.note(f"Wrote {call.options.bundle}: {', '.join(files)}.")
    call.out.note("Nothing in it looks like a secret. Look through it before you hand it on.")


def _status(patient: Patient, choice: Choice, program: Program) -> "dict[str, object] | None":
    """What `status --json` says, without who it is about."""
    if patient.status is None:
        return None
    told = standing.answer(choice, patient.status, standing.case_of(patient.status.case), program)
    plan = {"plan": patient.account.plan} if patient.account is not None else None
    return {"schema": 1, **told, "account": plan}


def _providers(patient: Patient) -> "dict[str, object]":
    """The names of what there is; settings are nobody else's."""
    if patient.refusal is not None:
        return {"providers": None}
    known = providers.known(patient.paths.home)
    return {"providers": [{"name": each.name, "available": each.profile is not None} for each in known]}


def _versions() -> "dict[str, object]":
    return {
        "signedin": VERSION,
        "python": platform.python_version(),
        "os": f"{platform.system()} {platform.release()}",
        **{name: metadata.version(name) for name in _NAMED_VERSIONS},
    }
