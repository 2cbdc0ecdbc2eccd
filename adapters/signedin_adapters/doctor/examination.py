"""Owns how checks are run: all at once, each within its limit and all within one, causes before what follows from them.

What hangs is left behind on a daemon thread, which holds neither the examination nor the process.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import anyio

from signedin.errors import SignedinError
from signedin.waiting import apart, wait
from signedin_adapters.doctor.check import Check, Finding, fail, refused, timeout
from signedin_adapters.doctor.patient import Patient
from signedin_adapters.unexpected import kind_and_place

TOTAL_SECONDS = 20.0
"""How long everything may take."""

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """A check with what it found."""

    id: str
    finding: Finding


def _unwatched(pending: Sequence[str]) -> None:
    """Nobody watches."""


async def examine(
    patient: Patient,
    checks: Sequence[Check],
    *,
    seconds: float = TOTAL_SECONDS,
    watch: Callable[[Sequence[str]], None] = _unwatched,
) -> tuple[Examined, ...]:
    """Run the checks, and give what each found, in their order. Never raises what a check raises.

    `watch` is told which checks are still awaited, at the beginning and whenever one is over.
    """
    examination = _Examination(patient, checks, watch)
    with anyio.move_on_after(seconds):
        async with anyio.create_task_group() as tasks:
            for check in checks:
                tasks.start_soon(examination.run, check)
    return tuple(
        Examined(id=check.id, finding=examination.found.get(check.id) or timeout(seconds, case=check.silence))
        for check in checks
    )


async def within(seconds: float, work: Callable[[], Result]) -> Result:
    """What blocking work gives. Raises TimeoutError where it takes longer, and whatever the work raises."""
    with anyio.fail_after(seconds):
        return await wait(apart(work))


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

    def __init__(self, patient: Patient, checks: Sequence[Check], watch: Callable[[Sequence[str]], None]) -> None:
        self.found: dict[str, Finding] = {}
        self._patient, self._watch = patient, watch
        self._over = {check.id: anyio.Event() for check in checks}
        watch(tuple(self._over))

    async def run(self, check: Check) -> None:
        """Look, unless the answer is known from what went before."""
        try:
            self.found[check.id] = await self._because(check) or await self._looked(check)
        finally:
            self._over[check.id].set()
        self._watch([each for each, over in self._over.items() if not over.is_set()])

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
                return fail(f"This check failed itself ({kind_and_place(error)}).", case="bug")
        return timeout(check.seconds, case=check.silence)
