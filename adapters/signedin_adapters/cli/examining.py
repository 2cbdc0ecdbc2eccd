"""Owns how `doctor` comes to its patient and what is seen while it works: one line on a terminal, gone in the end.

A home that cannot be read is given up in time, and what needs none of it is looked at all the same.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import anyio

from signedin.errors import ConfigurationError, SignedinError, UnknownProvider
from signedin.facts import AppFacts
from signedin_adapters import config, doctor, log, providers
from signedin_adapters.cli import choosing, standing, target
from signedin_adapters.cli.choosing import Choice
from signedin_adapters.cli.invocation import Invocation
from signedin_adapters.cli.program import Program
from signedin_adapters.cli.target import Target
from signedin_adapters.config import Network
from signedin_adapters.console.screen import Screen
from signedin_adapters.doctor import Check, Examined, Patient
from signedin_adapters.doctor.examination import TOTAL_SECONDS

READING_SECONDS = 6.0
"""How long reading the home may take, of the time that everything has."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """Who was examined, by which choice, and what each check found."""

    patient: Patient
    choice: Choice
    found: tuple[Examined, ...]


def examined(call: Invocation, checks: Sequence[Check]) -> Visit:
    """Read the home and run the checks. Raises UnknownAccount, ConfigurationError, MisuseError."""
    screen = Screen(None if call.out.json else sys.stderr, plain=call.out.plain, environ=os.environ)
    with screen.shown(pastes=False):
        return anyio.run(partial(_examine, call, checks, screen))


async def _examine(call: Invocation, checks: Sequence[Check], screen: Screen) -> Visit:
    deadline = anyio.current_time() + TOTAL_SECONDS
    screen.live("Reading what lies there …")
    patient, choice = await _read(call)

    def watch(pending: Sequence[str]) -> None:
        so_far = f"Looking: {len(checks) - len(pending)} of {len(checks)} done"
        named = f", waiting for {', '.join(pending)}" if pending else ""
        screen.live(f"{so_far}{named} …", f"{so_far} …")

    found = await doctor.examine(patient, checks, seconds=deadline - anyio.current_time(), watch=watch)
    return Visit(patient=patient, choice=choice, found=found)


async def _read(call: Invocation) -> tuple[Patient, Choice]:
    """The account that is meant, as it is now; nobody where the home gives no answer."""
    program = call.program
    try:
        patient, choice = await doctor.within(READING_SECONDS, partial(_patient, call.options, program))
    except TimeoutError:
        program.target = Target(home=program.home)  # no provider: nothing is looked up in that home again
        return _nobody(call)
    program.target = target.chosen(choice, call.options, program.home)
    return patient, choice


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


def _patient(options: argparse.Namespace, program: Program) -> tuple[Patient, Choice]:
    """The account that is meant, as it lies on disk. Raises UnknownAccount, ConfigurationError."""
    refusals, at = _Refusals(), time.time()
    facts, home, paths = choosing.look(program), program.home, program.paths()
    choice = refusals.unless(lambda: choosing.choose(options, program), choosing.by_default(facts))
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
        online=options.online,
    )
    return patient, choice


def _nobody(call: Invocation) -> tuple[Patient, Choice]:
    """Who is examined where nothing could be read."""
    program = call.program
    choice = choosing.by_default(AppFacts(home=program.home, slug=program.slug))
    patient = Patient(
        app_name=program.app_name,
        paths=program.paths(),
        facts=choice.facts,
        account=None,
        status=None,
        provider=None,
        network=Network(),
        at=time.time(),
        online=call.options.online,
        answered=False,
    )
    return patient, choice
