"""Owns how a status is put into words for people. It decides nothing. On the path of `status`."""

import math
import time

from signedin.facts import AccountFacts
from signedin.states import Category, State
from signedin.status import Status
from signedin_adapters.cli.choosing import Choice
from signedin_adapters.cli.output import Output, shown
from signedin_adapters.cli.program import Program

TYPE_CHECKING = False
if TYPE_CHECKING:
    from signedin.cases import Case

_RULES = {
    "--account": "as --account says",
    "SIGNEDIN_ACCOUNT": "as SIGNEDIN_ACCOUNT says",
    "default": "the default",
    "oldest": "the oldest; {switch} LABEL sets a default",
}
_FLAGS = {
    "usage_paused": "Usage is paused: the plan's limit was reached.",
    "models_blocked": "A model was refused: {models} lists those that you may use.",
    "storage_degraded": "The session could not be saved and lasts as long as its process.",
    "clock_skewed": "This machine's clock is wrong: set it.",
    "identity_unverified": "The identity could not be checked yet; that is done at the next refresh.",
    "in_doubt": "A refresh was cut off. It is known at the next use whether the session outlived that.",
}


def print_status(
    choice: Choice, status: Status, case: "Case | None", program: Program, out: Output, *, at: float
) -> None:
    """The status of one account, as a person reads it."""
    if status.state in (State.CONNECTED, State.REFRESHING):
        _print_well(choice, status, program, out, at=at)
    elif status.state is State.AUTHORIZING:
        out.line(f"{out.strong('A sign-in is under way')}{_of(choice.account)}{_since(choice, at)}.")
    elif case is None:
        out.line(f"{out.strong('Not signed in.')} {program.remedy('Run {login}.')}")
    else:
        _print_trouble(choice, status, case, program, out, at=at)
    if chosen_by := rule(choice, program):
        out.line(out.quiet(chosen_by))


def signed_in(account: AccountFacts, status: Status, program: Program) -> str:
    """Who is signed in, for what and on whose account: `ada@… (signedin, your ChatGPT plan, not API billing)`."""
    who = shown(account.email or account.label or account.id)
    return f"{who} ({program.app_name}, {plan(account, status)})"


def name(account: AccountFacts) -> str:
    """How people know the account: by its e-mail address, with its label where that is another."""
    label, email = shown(account.label or account.id), shown(account.email or "")
    return f"{label} ({email})" if email and label != email else label


def plan(account: AccountFacts, status: Status) -> str:
    """What requests are paid with."""
    enabled = status.session.plan_enabled if status.session is not None else None
    if account.provider == "openai":
        return "your API key, API billing"
    if account.provider in ("chatgpt", "codex"):
        return "ChatGPT, plan use is off" if enabled is False else f"your ChatGPT {_named(account)}, not API billing"
    if enabled is None:
        return shown(account.provider) + (f", {_named(account)}" if account.plan else "")
    return f"{shown(account.provider)}, {'plan use allowed' if enabled else 'plan use is off'}"


def _named(account: AccountFacts) -> str:
    """The plan by its name, where the server tells it: `Plus plan`."""
    name = shown(account.plan or "").replace("_", " ").title()
    return f"{name} plan" if name and name != "Unknown" else "plan"


def moment(when: float, *, at: float) -> str:
    """A time of day, with its date where that is another day's."""
    then, now = time.localtime(when), time.localtime(at)
    clock = time.strftime("%H:%M", then)
    if then[:3] == now[:3]:
        return clock
    if then[:3] == time.localtime(at + 86400)[:3]:
        return f"{clock} tomorrow"
    return f"{then.tm_mday} {time.strftime('%b' if then.tm_year == now.tm_year else '%b %Y', then)}, {clock}"


def duration(seconds: float) -> str:
    """A time that passes, in its two largest units: `6 d 3 h`, `1 h 12 min`, `20 s`."""
    if seconds < 3600:
        return f"{seconds // 60:.0f} min" if seconds >= 60 else f"{seconds:.0f} s"
    large, small, unit, part = (86400, 3600, "d", "h") if seconds >= 86400 else (3600, 60, "h", "min")
    whole, rest = divmod(int(seconds), large)
    return f"{whole} {unit} {rest // small} {part}" if rest >= small else f"{whole} {unit}"


def access(status: Status, *, at: float) -> str:
    """How long the access token lives, and what comes then."""
    session = status.session
    if session is None or math.isinf(session.expires_at):
        return ""
    if at < session.expires_at:
        return f"Access valid until {moment(session.expires_at, at=at)}."
    return f"Access ran out at {moment(session.expires_at, at=at)}; it is renewed at the next use."


def _print_well(choice: Choice, status: Status, program: Program, out: Output, *, at: float) -> None:
    account = choice.account
    if account is None:
        return
    who, dot = signed_in(account, status, program).split(" ", 1)
    out.line(f"{out.good('Signed in')} as {out.strong(who)} {dot}. {access(status, at=at)}".rstrip())
    if status.state is State.REFRESHING:
        out.line("Access is being renewed right now.")
    if account.workspace:
        out.line(f"Workspace: {shown(account.workspace)}")
    if account.model:
        out.line(f"Model: {shown(account.model)}")
    if status.session is not None and status.session.plan_enabled is False:
        out.line(program.remedy("Plan use is off: {login} --enable-plan asks for it."))
    for flag in status.flags:
        if flag in _FLAGS:
            out.line(program.remedy(_FLAGS[flag]))


def _print_trouble(choice: Choice, status: Status, case: "Case", program: Program, out: Output, *, at: float) -> None:
    at_sign_in = status.state is State.DISCONNECTED
    state = "Not signed in" if at_sign_in else f"{out.bad(case.title)}"
    out.line(f"{out.strong(state)}{_of(choice.account)}.")
    if at_sign_in:
        passing = case.category is Category.TRANSIENT  # its meaning speaks of a session that is kept
        out.line(f"  Last time: {case.title}.{'' if passing else ' ' + program.remedy(case.meaning)}")
    else:
        out.line(f"  {program.remedy(case.meaning)}")
    for fault in _faults(choice):
        out.line(f"  {fault}.")
    out.line(f"  {program.advice(case, at_sign_in=at_sign_in)}")
    if status.retry_at is not None and status.retry_at > at:
        now = program.remedy("{refresh}")
        out.line(f"  It is tried again at {moment(status.retry_at, at=at)}" + (f", or now with {now}." if now else "."))
    if more := program.explain(case.id):
        out.line(out.quiet(f"  More: {more}"))


def _of(account: AccountFacts | None) -> str:
    return "" if account is None or not (account.email or account.label) else f", {name(account)}"


def _since(choice: Choice, at: float) -> str:
    """When the sign-in that is under way began, as far as it left a word."""
    account, attempt = choice.account, choice.facts.attempt
    if attempt is None or attempt.case is not None or (account is not None and account.id != attempt.account_id):
        return ""
    return f", since {moment(attempt.at, at=at)}"


def _faults(choice: Choice) -> "list[str]":
    faults = choice.account.faults if choice.account is not None else choice.facts.faults
    return [shown(fault.message) for fault in faults]


def rule(choice: Choice, program: Program) -> str:
    """Which rule chose the account, where there is something to choose."""
    account, by = choice.account, choice.selected_by
    if account is None or by is None or by == "only":
        return ""
    why = f"as {shown(choice.pin or '')} says" if by == "pin" else program.remedy(_RULES[by])
    return f"Account: {shown(account.label)} ({why})"
