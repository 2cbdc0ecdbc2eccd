"""Owns how an account stands, as the commands tell it: judged from what lies on disk, and as the object of `--json`.

On the path of `status`: light, and without a network.
"""

import math
import os
import time

from signedin.facts import AccountFacts, AppFacts, AttemptFacts, SessionFacts
from signedin.states import State
from signedin.status import Status, judge
from signedin_adapters.cli import choosing
from signedin_adapters.cli.choosing import Choice
from signedin_adapters.cli.program import Program
from signedin_adapters.cli.rebinding import is_rebound

TYPE_CHECKING = False
if TYPE_CHECKING:
    from signedin.cases import Case


def judged(
    facts: AppFacts, account: AccountFacts | None, program: Program, *, at: float, provider: str | None = None
) -> Status:
    """Where the account stands at `at`; without one, where the app does, as far as that is about `provider`."""
    if account is not None:
        return judge(account, at=at, attempt=facts.attempt, rebound=is_rebound(account, program.home))
    attempt = tried(facts, provider)
    if facts.signing_in and (attempt is not None or facts.attempt is None):
        return Status(State.AUTHORIZING)
    for fault in facts.faults:
        if fault.path not in (program.paths().preferences, program.paths().attempt):  # broken, they count as none
            return Status(State.ERROR, case=fault.case)
    return Status(State.DISCONNECTED, case=attempt.case if attempt is not None else None)


def tried(facts: AppFacts, provider: str | None) -> AttemptFacts | None:
    """The last sign-in, unless it was at another provider than this one; None stands for any."""
    attempt = facts.attempt
    if attempt is None or provider is None or attempt.provider in (None, provider):
        return attempt
    return None


def answer(choice: Choice, status: Status, case: "Case | None", program: Program) -> "dict[str, object]":
    """The object of `--json`; its keys are fixed."""
    account, session = choice.account, status.session
    known = account is not None and choosing.is_complete(account)
    return {
        "state": status.state.value,
        "app": program.slug,
        "provider": choice.provider,
        "account": _who(account) if account is not None and known else None,
        "needs_sign_in": status.state in (State.DISCONNECTED, State.EXPIRED),
        "plan_enabled": session.plan_enabled if session is not None else None,
        "model": account.model if account is not None else None,
        "access_expires_at": timestamp(session.expires_at) if session is not None else None,
        "last_verified_at": timestamp(_last_verified(account, session)) if account is not None else None,
        "generation": session.generation if session is not None else 0,
        "store": _store(choice.facts, account),
        "flags": list(status.flags),
        "case": described(case, program, at_sign_in=status.state is State.DISCONNECTED),
    }


def _who(account: AccountFacts) -> "dict[str, object]":
    return {
        "label": account.label,
        "email": account.email,
        "id": account.id,
        "plan": account.plan,
        "workspace": account.workspace,
    }


def described(case: "Case | None", program: Program, *, at_sign_in: bool = False) -> "dict[str, object] | None":
    """A case as `--json` tells it; `at_sign_in` as in `Program.advice`."""
    if case is None:
        return None
    return {
        "id": case.id,
        "title": case.title,
        "remedy": program.advice(case, at_sign_in=at_sign_in),
        "action": case.action,
        "category": case.category.value,
    }


def timestamp(moment: float | None) -> str | None:
    """RFC 3339, in UTC; None for no moment and for one that never comes."""
    if moment is None or math.isinf(moment):
        return None
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment))


def case_of(case_id: str | None) -> "Case | None":
    """The catalogue's entry, which is read only where there is a case."""
    if case_id is None:
        return None
    from signedin import cases

    return cases.find(case_id)


def _last_verified(account: AccountFacts, session: SessionFacts | None) -> float | None:
    """When the provider last said yes: when it issued the session, or to a call that asked it."""
    if session is None:
        return None
    asked = account.health.last_verified_at if account.health is not None else None
    return max(session.issued_at, asked or 0.0)


def _store(facts: AppFacts, account: AccountFacts | None) -> str | None:
    """Where the key lies, or would: None where nobody decided it yet."""
    if account is not None and account.session is not None:
        return "keyring" if account.session.key_in == "keyring" else "file"
    return os.environ.get("SIGNEDIN_STORE") or facts.store
