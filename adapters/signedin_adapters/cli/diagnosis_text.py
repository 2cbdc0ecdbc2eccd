"""Owns how a diagnosis is put into words: what is not over first, each trouble with what it means and what to do."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import groupby

from signedin import cases
from signedin.cases import Case
from signedin_adapters.cli.invocation import Invocation
from signedin_adapters.cli.output import shown
from signedin_adapters.diagnosis import CaseFound, Cut, Diagnosis, Entry, Illegal, RunFound

REASONS = 4
"""So many of the reasons that a case may have are told."""
BREAKS = 5
"""So many broken runs are told one by one."""

_WRONG = {
    "no-such-step": "there is no such step",
    "does-not-follow": "it does not follow on the step before",
    "not-by-the-machine": "replayed, it leads elsewhere",
}


def tell(found: Diagnosis, call: Invocation) -> None:
    """Print all that there is to say."""
    moment = _Moments(utc=call.options.utc)
    for entry in found.timeline:
        call.out.line(_entry(entry, call, moment))
    if found.timeline:
        call.out.line()
    call.out.line(_summary(found, call, moment))
    for case in _in_order(found.cases):
        _tell_case(case, call, moment)
    _tell_breaks(found, call, moment)
    if found.skipped:
        lines = "1 line was" if found.skipped == 1 else f"{found.skipped} lines were"
        call.out.line(call.out.quiet(f"{lines} skipped: not of this log, or of a newer version."))


class _Moments:
    """Times as people read them, this machine's or in UTC."""

    def __init__(self, *, utc: bool) -> None:
        self._zone = UTC if utc else None

    def __call__(self, at: str) -> str:
        try:
            then = datetime.fromisoformat(at).astimezone(self._zone)
        except (ValueError, OverflowError):
            return at
        return then.strftime("%Y-%m-%d %H:%M:%S") + (" UTC" if self._zone else "")


def _summary(found: Diagnosis, call: Invocation, moment: _Moments) -> str:
    """One line: what was read, and how many troubles are in it."""
    if not found.records:
        return "There is no log yet." if not found.skipped else "There is nothing of this log in it."
    runs = len({each.run for each in found.runs}) + found.folded
    where = f"in {_count(runs, 'run')} of {_count(found.accounts, 'account')}"
    when = f"from {moment(found.first_at)} to {moment(found.last_at)}"
    if not found.cases:
        return f"{call.out.good('No trouble')} {where}, {when}."
    active = sum(case.active for case in found.cases)
    state = f"{active} of them not over" if active else "all of it over"
    return f"{call.out.strong(_count(len(found.cases), 'trouble'))} {where}, {when}; {state}."


def _in_order(found: tuple[CaseFound, ...]) -> list[CaseFound]:
    """What is not over before what is, each the newest first."""
    return sorted(found, key=lambda case: not case.active)


def _tell_case(found: CaseFound, call: Invocation, moment: _Moments) -> None:
    out, case = call.out, cases.find(found.id)
    status = out.bad("not over") if found.active else out.good("over")
    times = f"from {moment(found.first_at)} to " if found.count > 1 else ""
    often = f", {found.count} times" if found.count > 1 else ""
    out.line()
    out.line(f"{out.strong(case.title)}  {out.quiet(case.id)}")
    out.line(f"  {status}{often}, {times}{moment(found.last_at)}, {_account(found.account)}")
    out.line(f"  {call.program.remedy(case.meaning)}")
    if found.active:
        out.line(f"  {call.program.advice(case)}")
    for line in _reasons(found.candidates if found.active else (), call):
        out.line(line)
    if found.request_id:
        out.line(f"  Request: {found.request_id}")
    if more := call.program.explain(case.id):
        out.line(out.quiet(f"  More: {more}"))


def _reasons(candidates: tuple[Case, ...], call: Invocation) -> Iterator[str]:
    if candidates:
        yield "  It may be, the likeliest first:"
    for case in candidates[:REASONS]:
        yield f"  - {case.title}  {call.out.quiet(case.id)}"


def _tell_breaks(found: Diagnosis, call: Invocation, moment: _Moments) -> None:
    """Where the log is broken: what cannot be is a fault of ours, what is cut is none of anybody's."""
    wrong = [each for each in found.runs if each.illegal]
    cut = [next(runs) for _, runs in groupby((each for each in found.runs if each.cut), key=lambda each: each.run)]
    if not wrong and not cut and not found.folded_broken:
        return
    call.out.line()
    for run in wrong[-BREAKS:]:
        call.out.line(f"{call.out.bad('Cannot be')}: {_illegal(run, run.illegal[0], moment)}")
    for run in cut[-BREAKS:]:
        call.out.line(call.out.quiet(f"Cut: run {run.run}, {_cut(run.cut[0], moment)}."))
    more = max(len(wrong) - BREAKS, 0) + max(len(cut) - BREAKS, 0) + found.folded_broken
    if more:
        call.out.line(call.out.quiet(f"Broken too: {_count(more, 'run')} more."))


def _illegal(run: RunFound, illegal: Illegal, moment: _Moments) -> str:
    source, trigger, to = illegal.way
    step = f"{source.value} → {to.value} by {trigger}"
    return f"run {run.run}, line {illegal.seq}, {moment(illegal.at)}: {step}, {_WRONG[illegal.reason]}."


def _cut(cut: Cut, moment: _Moments) -> str:
    if cut.after is None:
        return f"its beginning is not there; it starts with line {cut.before}, {moment(cut.at)}"
    return f"between line {cut.after} and line {cut.before}, {moment(cut.at)}"


def _entry(entry: Entry, call: Invocation, moment: _Moments) -> str:
    way = entry.to.value if entry.source is entry.to else f"{entry.source.value} → {entry.to.value}"
    case = f"  {call.out.bad(entry.case)}" if entry.case else ""
    return f"{moment(entry.at)}  {call.out.quiet(_short(entry.account))}  {way:<26}  {shown(entry.trigger)}{case}"


def _account(name: str | None) -> str:
    return "no account yet" if name is None else f"account {_short(name)}"


def _short(name: str) -> str:
    return name.removeprefix("account-")[:6]


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
