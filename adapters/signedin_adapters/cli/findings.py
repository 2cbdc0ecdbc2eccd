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

_MARKS = {"ok": "✓", "warning": "!", "fail": "✗", "skipped": "–", "timeout": "…"}
_WORDS = {"ok": "ok", "warning": "warning", "fail": "fail", "skipped": "skipped", "timeout": "time-out"}


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
    if failure.finding.case is None:
        return exit_codes.CANNOT_TELL if failure.finding.result == "timeout" else exit_codes.UNEXPECTED
    return errors.trouble(SignedinError("", case=failure.finding.case), program).code


def first_failure(found: Sequence[Examined]) -> Examined | None:
    """The first check that failed or gave no answer."""
    return next((each for each in found if each.finding.result in ("fail", "timeout")), None)


def action(finding: Finding, program: Program) -> str:
    """The next step, "" where there is none."""
    if finding.action is not None:
        return short(program.remedy(finding.action))
    if finding.case is None or finding.result not in ("warning", "fail"):
        return ""
    return short(errors.trouble(SignedinError("", case=finding.case), program).remedy)


def tell(found: Sequence[Examined], program: Program, out: Output, *, online: bool) -> None:
    """One line a check, with its next step below where it is not well, and what it all comes to."""
    marks = _WORDS if out.plain or not _can_mark() else _MARKS
    width, wide = max(len(each.id) for each in found), max(map(len, marks.values()))
    for each in found:
        mark = _dressed(each.finding, f"{marks[each.finding.result]:<{wide}}", out)
        text = _text(each.finding, program)
        quiet = each.finding.result == "skipped"
        out.line(f"{mark} {out.quiet(f'{each.id:<{width}}')}  {out.quiet(text) if quiet else text}")
        _tell_step(each.finding, program, out, indent=wide + width + 3)
    out.line()
    out.line(_sum(found, out))
    if not online:
        out.line(
            out.quiet(f"Nobody was asked; {program.command('doctor --online')} asks the provider's hosts as well.")
        )


def _tell_step(finding: Finding, program: Program, out: Output, *, indent: int) -> None:
    if finding.result not in ("warning", "fail"):
        return
    step, listed = action(finding, program), finding.case
    told = errors.trouble(SignedinError("", case=listed), program) if listed else None
    more = program.command(f"explain {listed}") if told is not None and told.listed else ""
    for text in (step, out.quiet(f"More: {more}") if more else ""):
        if text:
            out.line(f"{'':<{indent}}{text}")


def _sum(found: Sequence[Examined], out: Output) -> str:
    counts = Counter(each.finding.result for each in found)
    failure = first_failure(found)
    if failure is not None:
        failing = counts["fail"] + counts["timeout"]
        return out.bad(f"{failing} of {len(found)} checks failed. Begin with {failure.id}.")
    if counts["warning"]:
        return out.strong(f"Nothing fails; {counts['warning']} of {len(found)} checks found something worth a look.")
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
