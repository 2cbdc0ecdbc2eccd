"""Owns `signedin diagnose`: read logs and bundles, name the cases in them, and say where a log is broken.

It reads and changes nothing; what it says comes from the log alone. Whatever it finds, it did its work: exit 0.
"""

import argparse
import re
import time
from datetime import UTC, datetime, timedelta

from signedin import cases
from signedin.errors import ConfigurationError, MisuseError
from signedin_adapters import log
from signedin_adapters.cli import diagnosis_text, exit_codes
from signedin_adapters.cli.invocation import Invocation
from signedin_adapters.cli.output import Answer
from signedin_adapters.diagnosis import CaseFound, Cut, Diagnosis, Entry, Illegal, RunFound, diagnose
from signedin_adapters.diagnosis.fixture import fixture
from signedin_adapters.diagnosis.sources import STDIN, Source, find, rotated

READS_OTHER_APPS = True
EXAMPLES = (
    "signedin diagnose",
    "signedin diagnose report.zip",
    "signedin diagnose --since 2h --timeline",
    "signedin diagnose --json old.jsonl.1 old.jsonl",
    "signedin diagnose --fixture case.jsonl report.zip",
)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_DURATION = re.compile(r"([0-9]{1,6})([smhdw])")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of this command alone."""
    parser.add_argument(
        "files",
        metavar="FILE",
        nargs="*",
        help="logs, folders of them or bundles, also packed (.gz, .zip); - is stdin; without any: this app's own log",
    )
    parser.add_argument("--since", metavar="WHEN", help="nothing that ended before: 30m, 2h, 3d, or 2026-11-23T09:00")
    parser.add_argument("--timeline", action="store_true", help="first tell what happened, one line a step")
    parser.add_argument("--utc", action="store_true", help="times in UTC instead of this machine's")
    parser.add_argument(
        "--fixture", metavar="FILE", help="write the newest case's run there, to be published; - is stdout"
    )


def run(call: Invocation) -> int:
    """Read, judge, tell."""
    options = call.options
    since = _since(options.since) if options.since is not None else ""
    if options.fixture == STDIN and options.json:
        raise MisuseError("--fixture - and --json both want stdout.")
    sources = find(options.files or _own(call))
    found = diagnose(sources, since=since, timeline=options.timeline)
    if options.fixture is not None:
        _write_fixture(call, sources, found)
    if options.fixture != STDIN:
        call.out.object(answer(found, call, timeline=options.timeline))
        diagnosis_text.tell(found, call)
    for trouble in found.troubles:
        call.out.note(call.out.quiet_note(trouble))
    if found.entries_left_off:
        call.out.note(call.out.quiet_note(f"Earlier steps that the timeline leaves off: {found.entries_left_off}."))
    return exit_codes.OK


def answer(found: Diagnosis, call: Invocation, *, timeline: bool) -> Answer:
    """The object of `--json`; its keys are fixed."""
    told: Answer = {
        "records": found.records,
        "skipped": found.skipped,
        "runs": [_run(each) for each in found.runs],
        "runs_folded": found.folded,
        "cases": [_case(each, call) for each in found.cases],
    }
    return told | {"timeline": [_entry(each) for each in found.timeline]} if timeline else told


def _run(found: RunFound) -> Answer:
    return {
        "account": found.account,
        "run": found.run,
        "final_state": found.final_state.value if found.final_state else None,
        "illegal": [_illegal(each) for each in found.illegal],
        "cut": [_cut(each) for each in found.cut],
    }


def _illegal(found: Illegal) -> Answer:
    source, trigger, to = found.way
    way = {"from": source.value, "trigger": trigger, "to": to.value}
    return {"seq": found.seq, "at": found.at, **way, "reason": found.reason}


def _cut(found: Cut) -> Answer:
    return {"after": found.after, "before": found.before, "at": found.at}


def _case(found: CaseFound, call: Invocation) -> Answer:
    case = cases.find(found.id)
    return {
        "id": case.id,
        "title": case.title,
        "remedy": call.program.advice(case),
        "account": found.account,
        "status": "active" if found.active else "cleared",
        "first_at": found.first_at,
        "last_at": found.last_at,
        "count": found.count,
        "candidates": [candidate.id for candidate in found.candidates],
        "request_id": found.request_id,
    }


def _entry(found: Entry) -> Answer:
    way = {"from": found.source.value, "trigger": found.trigger, "to": found.to.value}
    return {"at": found.at, "account": found.account, **way, "case": found.case}


def _own(call: Invocation) -> list[str]:
    """The app's own log, with the files that were rotated away. Raises ConfigurationError where there is none."""
    path = log.place(call.program.paths().log)
    if path is None:
        raise ConfigurationError(f"{log.VARIABLE} is off: name the log that is to be read.")
    return rotated(path)


def _since(text: str) -> str:
    """The moment, as lines have it: so long ago, or a time, this machine's unless it says. Raises MisuseError."""
    if found := _DURATION.fullmatch(text):
        moment = datetime.now(UTC) - timedelta(**{_UNITS[found[2]]: int(found[1])})
    else:
        try:
            moment = datetime.fromisoformat(text).astimezone(UTC)
        except (ValueError, OverflowError):
            raise MisuseError(
                f"--since takes 30m, 2h, 3d or a time such as {time.strftime('%Y-%m-%dT%H:%M')}."
            ) from None
    return moment.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def _write_fixture(call: Invocation, sources: list[Source], found: Diagnosis) -> None:
    """Write the run of the newest case, or else of the newest break. Raises MisuseError."""
    broken = (each.run for each in reversed(found.runs) if each.illegal or each.cut)
    run_id = next((case.run for case in found.cases), None) or next(broken, None)
    if run_id is None:
        raise MisuseError("There is no case in it, so there is nothing to make a fixture of.")
    path, lines = call.options.fixture, fixture(sources, run_id)
    if path == STDIN:
        for line in lines:
            call.out.line(line)
        return
    try:
        with open(path, "x", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in lines)
    except OSError as error:
        raise MisuseError(f"{path} cannot be written: {error.strerror}.") from error
    call.out.note(f"Wrote {path}: run {run_id}, under other names.")
