"""The diagnosis: reads logs, in constant memory, and says which cases they name and where they are broken.

It changes nothing, asks nobody and needs no account: what it says, it says from the log alone. What it finds no sense
in is counted and left.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from signedin.cases import Case
from signedin.classify.place import likeliest_first
from signedin.states import State
from signedin_adapters.diagnosis import sweep
from signedin_adapters.diagnosis.blocks import Blocks
from signedin_adapters.diagnosis.history import Trouble
from signedin_adapters.diagnosis.judge import Judge
from signedin_adapters.diagnosis.legality import Illegal
from signedin_adapters.diagnosis.run import Cut, Run, Track
from signedin_adapters.diagnosis.sources import Source, find
from signedin_adapters.diagnosis.timeline import Entry, Timeline

__all__ = ["CaseFound", "Cut", "Diagnosis", "Entry", "Illegal", "RunFound", "diagnose", "find"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFound:
    """One process's life with one account; without one, where its lines name none."""

    account: str | None
    run: str
    final_state: State | None
    illegal: tuple[Illegal, ...]
    cut: tuple[Cut, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFound:
    """One case of one account, or of None where it kept from having one.

    Times are RFC 3339 in UTC; `count` is that of its episodes, `run` that of the last.
    """

    id: str
    account: str | None
    active: bool
    first_at: str
    last_at: str
    count: int
    run: str
    request_id: str | None
    candidates: tuple[Case, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """What the logs say. Cases are in the order of their last time, the newest first.

    `folded` counts runs that are not listed, since there are too many; `folded_broken` those of them that were illegal
    or cut. `entries_left_off` counts entries of the timeline before those that are here.
    """

    records: int
    skipped: int
    accounts: int
    first_at: str
    last_at: str
    runs: tuple[RunFound, ...]
    folded: int
    folded_broken: int
    cases: tuple[CaseFound, ...]
    timeline: tuple[Entry, ...]
    entries_left_off: int
    troubles: tuple[str, ...]


def diagnose(sources: Sequence[Source], *, since: str = "", timeline: bool = False) -> Diagnosis:
    """Read the logs, and judge them. `since`, RFC 3339 in UTC with microseconds, leaves off what ended before it."""
    told = Timeline()
    judge = Judge(since=since, timeline=told if timeline else None)
    for source in sources:
        blocks = Blocks(source)
        sweep.feed(judge, blocks)
        judge.skipped += blocks.too_long
    for run in judge.runs.values():
        judge.finish(run)
    first_at, last_at = judge.runs.span()
    return Diagnosis(
        records=judge.records,
        skipped=judge.skipped,
        accounts=len(judge.shapes.histories),
        first_at=first_at,
        last_at=last_at,
        runs=tuple(found for run in judge.runs.values() if run.last_at >= since for found in _runs(run)),
        folded=judge.runs.folded,
        folded_broken=judge.runs.broken,
        cases=_cases(judge, since),
        timeline=tuple(told.entries),
        entries_left_off=told.left_off,
        troubles=tuple(trouble for source in sources for trouble in source.troubles),
    )


def _runs(run: Run) -> list[RunFound]:
    tracks: tuple[Track | None, ...] = run.tracks or (None,)
    return [
        RunFound(
            account=track.history.account if track else None,
            run=run.id,
            final_state=run.state_of(track) if track else None,
            illegal=tuple(track.illegal) if track else (),
            cut=tuple(run.cuts),
        )
        for track in tracks
    ]


def _cases(judge: Judge, since: str) -> tuple[CaseFound, ...]:
    """The newest first; at the same time, what is still so before what is over."""
    troubles = [
        trouble
        for history in (*judge.shapes.histories.values(), judge.shapes.unnamed)
        for trouble in history.troubles.values()
        if trouble.last_at >= since
    ]
    newest = sorted(troubles, key=lambda trouble: (trouble.last_at, trouble.active), reverse=True)
    return tuple(_case(trouble) for trouble in newest)


def _case(trouble: Trouble) -> CaseFound:
    return CaseFound(
        id=trouble.case,
        account=trouble.account or None,
        active=trouble.active,
        first_at=trouble.first_at,
        last_at=trouble.last_at,
        count=trouble.count,
        run=trouble.run,
        request_id=trouble.request_id,
        candidates=likeliest_first(trouble.case, trouble.markers),
    )
