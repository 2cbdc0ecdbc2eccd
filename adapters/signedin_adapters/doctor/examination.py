"""Owns how checks are run: all at once, each within its limit and all within one, causes before what follows from them.

A check that hangs is left behind on a daemon thread, which holds neither the examination nor the process.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import anyio

from signedin.errors import SignedinError
from signedin.waiting import apart, wait
from signedin_adapters.doctor.check import Check, Finding, fail, refused
from signedin_adapters.doctor.patient import Patient

TOTAL_SECONDS = 20.0
"""How long everything may take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """A check with what it found."""

    id: str
    finding: Finding


async def examine(patient: Patient, checks: Sequence[Check], *, seconds: float = TOTAL_SECONDS) -> tuple[Examined, ...]:
    """Run the checks, and give what each found, in their order. Never raises what a check raises."""
    examination = _Examination(patient, checks)
    with anyio.move_on_after(seconds):
        async with anyio.create_task_group() as tasks:
            for check in checks:
                tasks.start_soon(examination.run, check)
    return tuple(
        Examined(id=check.id, finding=examination.found.get(check.id) or _timeout(seconds)) for check in checks
    )


def with_causes(wanted: Sequence[str], checks: Sequence[Check]) -> tuple[Check, ...]:
    """The checks that are wanted and those that they build on, in their order."""
    by_id, chosen, pending = {check.id: check for check in checks}, set[str](), list(wanted)
    while pending:
        check = by_id[pending.pop()]
        chosen.add(check.id)
        pending += [before for before in check.after if before in by_id and before not in chosen]
    return tuple(check for check in checks if check.id in chosen)


class _Examination:
    """What was found so far. `run` of one check waits for those before it."""

    def __init__(self, patient: Patient, checks: Sequence[Check]) -> None:
        self.found: dict[str, Finding] = {}
        self._patient = patient
        self._over = {check.id: anyio.Event() for check in checks}

    async def run(self, check: Check) -> None:
        """Look, unless the answer is known from what went before."""
        try:
            self.found[check.id] = await self._because(check) or await self._looked(check)
        finally:
            self._over[check.id].set()

    async def _because(self, check: Check) -> Finding | None:
        for before in check.after:
            if before not in self._over:
                continue
            await self._over[before].wait()
            finding = self.found.get(before)
            if finding is not None and finding.stops:
                cause = finding.because or before
                return Finding(result="skipped", text=f"Not looked at: see {cause}.", because=cause)
        return None

    async def _looked(self, check: Check) -> Finding:
        with anyio.move_on_after(check.seconds):
            try:
                return await wait(apart(partial(check.look, self._patient)))
            except SignedinError as error:
                return refused(error)
            except Exception as error:  # noqa: BLE001 - one check that fails leaves the others
                return fail(f"This check failed itself ({type(error).__name__}{_place(error)}).", case="bug")
        return _timeout(check.seconds)


def _timeout(seconds: float) -> Finding:
    return Finding(result="timeout", text=f"No answer within {seconds:g} seconds.")


def _place(error: BaseException) -> str:
    """Where in our own code it failed; what it said may be anything."""
    place, step = "", error.__traceback__
    while step is not None:
        file = step.tb_frame.f_code.co_filename
        if "signedin" in file:
            place = f" at {os.path.basename(file)}:{step.tb_lineno}"
        step = step.tb_next
    return place
