"""Owns how an error is told: a short message, its case, what to do, and the exit code. Never a traceback.

On the path of `status`; the catalogue is imported once a case of it has to be told.
"""

import time

from signedin.errors import AnswerRefused, ConfigurationError, InteractionRequired, SignedinError, SignInFailed
from signedin.states import Category
from signedin_adapters.cli import exit_codes
from signedin_adapters.cli.output import Output, shown
from signedin_adapters.cli.program import Program
from signedin_adapters.unexpected import kind_and_place

_OWN: dict[str, tuple[int, str]] = {
    "not-signed-in": (exit_codes.NOT_SIGNED_IN, "Run {login}."),
    "bad-usage": (exit_codes.USAGE, ""),
    "bad-config": (exit_codes.CONFIGURATION, "Correct the setting that is named."),
    "unknown-account": (exit_codes.USAGE, "{accounts} lists them; {login} --new --label LABEL adds one."),
    "unknown-provider": (exit_codes.CONFIGURATION, "{providers} lists them; config.toml can describe more."),
    "unknown-model": (exit_codes.REFUSED, "{models} lists them."),
    "interrupted": (exit_codes.INTERRUPTED, ""),
    "unexpected": (exit_codes.UNEXPECTED, ""),
}
"""The command line's own ids, which the catalogue does not have: exit code and remedy."""


class Trouble:
    """One error as it is told. `listed` says whether the catalogue explains its case."""

    __slots__ = ("case", "code", "listed", "meaning", "message", "remedy")

    def __init__(
        self, *, case: str, code: int, message: str, remedy: str = "", meaning: str = "", listed: bool = False
    ) -> None:
        self.case, self.code, self.message = case, code, _sentence(shown(message))
        self.meaning, self.remedy, self.listed = meaning, remedy, listed


def not_offered(message: str) -> ConfigurationError:
    """The error for what this provider or this installation does not have."""
    return NotOffered(message)


class NotOffered(ConfigurationError):
    """What was asked for exists, but not here; no setting has to be corrected."""


def trouble(error: BaseException, program: Program) -> Trouble:
    """What there is to tell about any error."""
    if isinstance(error, KeyboardInterrupt):
        return Trouble(case="interrupted", code=exit_codes.INTERRUPTED, message="Interrupted")
    if not isinstance(error, SignedinError):
        return _unexpected(error, program)
    if error.case in _OWN:
        code, remedy = _OWN[error.case]
        if isinstance(error, NotOffered):
            remedy = ""
        return Trouble(case=error.case, code=code, message=error.message, remedy=program.remedy(remedy))
    from signedin.cases import CASES

    if error.case not in CASES:
        return _unexpected(error, program)
    case = CASES[error.case]
    at_sign_in = program.target.signs_in or isinstance(error, SignInFailed | InteractionRequired)
    meaning = case.meaning if error.message.rstrip(".") == case.title else ""
    if at_sign_in and case.category is Category.TRANSIENT:
        meaning = "Nobody was signed in by this, and nothing was changed."
    return Trouble(
        case=case.id,
        code=case.exit_code or exit_codes.UNEXPECTED,
        message=_with_its_end(error),
        meaning=program.remedy(meaning),
        remedy=program.advice(case, at_sign_in=at_sign_in),
        listed=True,
    )


def tell(told: Trouble, program: Program, out: Output) -> int:
    """Print the error, as people or programs want it, and give its exit code."""
    if out.json and _is_told({"case": told.case, "message": told.message, "remedy": told.remedy}, out):
        return told.code
    out.note(f"{program.prog}: {out.strong_note(told.message)}")
    says_what_to_run = "`" in told.message
    for text in (told.meaning, "" if says_what_to_run else told.remedy):
        if text:
            out.paragraph(text)
    if told.listed and (more := program.explain(told.case)):
        out.note(out.quiet_note(f"  More: {more}"))
    return told.code


def _is_told(error: dict[str, object], out: Output) -> bool:
    """Whether the object got out; where stdout takes nothing more, people are told instead."""
    try:
        out.object({"error": error})
    except (OSError, SignedinError):
        return False
    return True


def note(error: BaseException, program: Program) -> None:
    """Leave the kind of an error in the log, as far as that is possible."""
    from contextlib import suppress

    with suppress(Exception):
        from signedin_adapters import defaults

        log = defaults.log(app=program.slug, home=program.home, store="none")
        log.write("command.failed", kind=type(error).__name__)


def _with_its_end(error: SignedinError) -> str:
    """The message; that of a usage limit also says when it ends, where the provider does."""
    if (
        error.case not in ("usage-limit-hit", "app-usage-limit-hit")
        or not isinstance(error, AnswerRefused)
        or error.retry_after is None
    ):
        return error.message
    from signedin_adapters.cli.wording import duration, moment

    now = time.time()
    ends = moment(now + error.retry_after, at=now)
    return f"{error.message.rstrip('.')}: you can ask again at {ends} (in {duration(error.retry_after)})"


def _unexpected(error: BaseException, program: Program) -> Trouble:
    """A fault of ours."""
    log = program.paths().log
    return Trouble(
        case="unexpected",
        code=exit_codes.UNEXPECTED,
        message=f"Something went wrong inside ({kind_and_place(error)}). The log is in {log}",
    )


def _sentence(text: str) -> str:
    """The message as a sentence; a path or a key keeps its spelling."""
    first, *_ = text.split(" ", 1)
    if first.isalpha():
        text = text[0].upper() + text[1:]
    return text if text.endswith((".", "!", "?", ":")) else f"{text}."
