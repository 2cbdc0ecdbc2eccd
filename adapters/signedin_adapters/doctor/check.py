"""Owns what a check is, and what it can find. How checks are run is the examination's work."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from signedin.errors import SignedinError
from signedin_adapters.doctor.patient import Patient

Result = Literal["ok", "warning", "fail", "skipped", "timeout"]
SECONDS = 6.0
"""How long one check may take: a second more than a keyring gets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a check found, in one sentence for people.

    `action` is the next step, with `{command}` for a command; None where the case's own remedy says it. `case` is an id
    of the catalogue or of the command line; a trouble that has none there says in `action` what to do. `because` is the
    check that kept this one from looking.
    """

    result: Result
    text: str
    action: str | None = None
    case: str | None = None
    because: str | None = None

    @property
    def stops(self) -> bool:
        """Whether what builds on this one cannot be looked at."""
        return self.result in ("fail", "timeout") or self.because is not None


Look = Callable[[Patient], Finding]
"""Looks at one thing. It may block, runs on a thread of its own, asks nobody and changes nothing that lasts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One question. `after` names the checks whose failing answers it already, `seconds` is its limit.

    `silence` is the case that it names where it gives no answer; None where it asks nothing that could be silent.
    `online` ones contact the provider's hosts; none of them sends a credential.
    """

    id: str
    look: Look
    after: tuple[str, ...] = ()
    seconds: float = SECONDS
    silence: str | None = None
    online: bool = False


def ok(text: str) -> Finding:
    """All is well there."""
    return Finding(result="ok", text=text)


def warning(text: str, *, action: str | None = None, case: str | None = None) -> Finding:
    """Something that keeps nobody from anything, or not yet."""
    return Finding(result="warning", text=text, action=action, case=case)


def fail(text: str, *, action: str | None = None, case: str | None = None) -> Finding:
    """Something that has to change."""
    return Finding(result="fail", text=text, action=action, case=case)


def timeout(seconds: float, *, case: str | None = None) -> Finding:
    """It gave no answer in time."""
    action = None if case else "Try again; where it stays, report it with {doctor} --bundle FILE."
    return Finding(result="timeout", text=f"No answer within {seconds:g} seconds.", action=action, case=case)


def skipped(text: str) -> Finding:
    """There is nothing to look at."""
    return Finding(result="skipped", text=text)


def refused(error: SignedinError) -> Finding:
    """What an error says. One that names a command to run in its message needs no remedy beside it."""
    return fail(sentence(error.message), case=error.case, action="" if "`" in error.message else None)


def sentence(text: str) -> str:
    """The text with a full stop."""
    return text if text.endswith((".", "!", "?")) else f"{text}."
