"""Owns how the doctor's findings are told: as lines for people, as the object of `--json`, and as an exit code."""

import sys
from collections import Counter
from collections.abc import Sequence

from signedin.errors import SignedinError
from signedin_adapters.cli import errors, exit_codes
from signedin_adapters.cli.output import Output, shown
from signedin_adapters.cli.program import Program
from signedin_adapters.doctor import Examined, Finding
from signedin_adapters.doctor.redaction import short
from signedin_adapters.lines import fitted, terminal_size

NARROWEST = 40
"""Columns that a text needs beside the name of its check; with fewer it stands below."""

_MARKS = {"ok": "✓", "warning": "!", "fail": "✗", "skipped": "–", "timeout": "…"}
_WORDS = {"ok": "ok", "warning": "warning", "fail": "fail", "skipped": "skipped", "timeout": "time-out"}
_TROUBLES = ("warning", "fail", "timeout")


def answer(found: Sequence[Examined], program: Program) -> "dict[str, object]":
    """The object of `--json`; its keys are fixed."""
    return {
        "ok": first_failure(found) is None,
        "checks": [
            {
                "id": each.id,
                "result": each.finding.result,
                "finding": _text(each.finding, program),
                "action": action(each.finding, program) or None,
            }
            for each in found
        ],
    }


def code(found: Sequence[Examined], program: Program) -> int:
    """0 where nothing fails; else that of the first check that does, by its case."""
    failure = first_failure(found)
    if failure is None:
        return exit_codes.OK
    if failure.finding.result == "timeout":
        return exit_codes.CANNOT_TELL
    told = _trouble(failure.finding, program)
    return exit_codes.UNEXPECTED if told is None else told.code


def first_failure(found: Sequence[Examined]) -> Examined | None:
    """The first check that failed or gave no answer."""
    return next((each for each in found if each.finding.result in ("fail", "timeout")), None)


def action(finding: Finding, program: Program) -> str:
    """The next step, "" where there is none."""
    if finding.action is not None:
        return short(program.remedy(finding.action))
    told = _trouble(finding, program)
    return "" if told is None else short(told.remedy)


def tell(found: Sequence[Examined], program: Program, out: Output, *, online: bool) -> None:
    """Each check with its next step below where it is not well, and what it all comes to."""
    page = _Page(found, out)
    for each in found:
        page.tell(each.id, each.finding, _text(each.finding, program))
        page.tell_step(action(each.finding, program), _more(each.finding, program))
    out.line()
    out.line(_sum(found, out))
    if not online:
        more = f"Nothing left this machine; {program.command('doctor --online')} asks the provider's hosts as well."
        out.line(out.quiet(fitted(more, sys.stdout)))


class _Page:
    """Where things stand: a text beside the name of its check, or below it where the terminal is narrow."""

    def __init__(self, found: Sequence[Examined], out: Output) -> None:
        self._out = out
        self._marks = _WORDS if out.plain or not _can_mark() else _MARKS
        self._wide, self._width = max(map(len, self._marks.values())), max(len(each.id) for each in found)
        beside, columns = self._wide + self._width + 3, terminal_size(sys.stdout).columns
        self._beside = not columns or columns - beside >= NARROWEST
        self._indent = " " * (beside if self._beside else self._wide + 1)

    def tell(self, name: str, finding: Finding, text: str) -> None:
        """One check. On a terminal texts are broken between words."""
        mark = _dressed(finding, f"{self._marks[finding.result]:<{self._wide}}", self._out)
        body = fitted(text, sys.stdout, indent=self._indent).removeprefix(self._indent)
        body = self._out.quiet(body) if finding.result == "skipped" else body
        start = f"{self._out.quiet(f'{name:<{self._width}}')}  " if self._beside else f"{name}\n{self._indent}"
        self._out.line(f"{mark} {start}{body}")

    def tell_step(self, step: str, more: str) -> None:
        """What to do, and where there is more."""
        if step:
            self._out.line(fitted(step, sys.stdout, indent=self._indent))
        if more:
            self._out.line(self._out.quiet(fitted(f"More: {more}", sys.stdout, indent=self._indent)))


def _more(finding: Finding, program: Program) -> str:
    """The command that explains the trouble, "" for none."""
    told = _trouble(finding, program)
    return program.explain(told.case) if told is not None and told.listed else ""


def _trouble(finding: Finding, program: Program) -> errors.Trouble | None:
    """The finding's case as an error would be told; None where it is no trouble, or has no case."""
    if finding.case is None or finding.result not in _TROUBLES:
        return None
    return errors.trouble(SignedinError("", case=finding.case), program)


def _sum(found: Sequence[Examined], out: Output) -> str:
    counts = Counter(each.finding.result for each in found)
    failure = first_failure(found)
    if failure is not None:
        failing = counts["fail"] + counts["timeout"]
        return out.bad(fitted(f"{failing} of {len(found)} checks failed. Begin with {failure.id}.", sys.stdout))
    if counts["warning"]:
        worth = f"Nothing fails; {counts['warning']} of {len(found)} checks found something worth a look."
        return out.strong(fitted(worth, sys.stdout))
    return out.good("All is well.")


def _text(finding: Finding, program: Program) -> str:
    return short(program.remedy(shown(finding.text)))


def _dressed(finding: Finding, mark: str, out: Output) -> str:
    dress = {"ok": out.good, "warning": out.strong, "fail": out.bad, "timeout": out.bad, "skipped": out.quiet}
    return dress[finding.result](mark)


def _can_mark() -> bool:
    encoding = (sys.stdout.encoding if sys.stdout is not None else None) or "ascii"
    try:
        "".join(_MARKS.values()).encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True
