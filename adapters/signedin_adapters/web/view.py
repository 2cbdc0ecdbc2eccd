"""Owns what the page shows of a connection, as plain data, in the page's own words. No secret is in it, ever."""

import os
import re
from contextlib import suppress
from typing import Any

from signedin import Attempt, Connection, Snapshot, cases
from signedin.cases import Case
from signedin.errors import SignedinError
from signedin.oauth import device, discovery
from signedin.provider import Provider
from signedin.record import AccountRecord
from signedin_adapters import providers
from signedin_adapters.console.ways import forwarding
from signedin_adapters.diagram import USABLE
from signedin_adapters.providers import Known
from signedin_adapters.web.desk import CANCELLED, Desk, Remedy

State = dict[str, Any]

BUTTONS = {
    "sign_in": "Sign in",
    "enable_plan": "Turn plan use on",
    "choose_model": "Choose another model",
    "open_url": "Manage usage",
    "unlock_store": "Try again",
    "wait": "Try again",
    "ask_admin": "Download report",
    "update": "Download report",
}
"""The words on the one next step's button, by the case's action; without a row there is nothing to press."""
_PRESSED = {
    "login": "Sign in",
    "logout": "Sign out",
    "refresh": "Renew now",
    "models": "Models",
    "use": "Models",
    "usage": "Manage usage",
    "accounts": "Accounts",
    "switch": "Accounts",
}
"""What a remedy's command is called on the page; every other one stays a command."""
_COMMAND = re.compile(r"(?P<run>[Rr]un )?\{(?P<name>\w+)\}(?P<options>(?: --[\w-]+)*)")
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


def ours(text: str) -> str:
    """A text with its `{commands}` as those of `signedin`."""
    return _PLACEHOLDER.sub(r"signedin \1", text)


def state(desk: Desk) -> State:
    """Everything there is to see. Times are Unix seconds."""
    connection = desk.connection
    seen, profile = connection.snapshot, connection.provider
    known = bool(seen.generation or seen.email or seen.label)
    return {
        "seq": desk.feed.last_id,
        "app": seen.app,
        "provider": {"name": profile.name, "title": profile.title},
        "state": seen.state.value,
        "usable": USABLE[seen.state],
        "account": _who(seen) if known else None,
        "accounts": _accounts(connection, seen.account_id),
        "providers": _providers(desk.home),
        "plan_enabled": seen.plan_enabled,
        "model": seen.model,
        "access_expires_at": seen.access_expires_at,
        "retry_at": seen.retry_at,
        "generation": seen.generation,
        "flags": sorted(flag.value for flag in seen.flags),
        "case": None if desk.attempt else told(_failed(desk.failure) or _trouble(seen.case), desk.remedy),
        "attempt": None if desk.attempt is None else attempt(desk.attempt),
        "notice_due": seen.notice_due,
        "usage_url": profile.manage_url,
        "needs_sign_in": connection.needs_sign_in,
    }


def told(case: Case | None, remedy: Remedy = ours) -> State | None:
    """A case in plain words, with its one next step; `remedy` as in `said`."""
    if case is None:
        return None
    return {
        "id": case.id,
        "title": case.title,
        "meaning": said(case.meaning, remedy),
        "remedy": said(case.remedy, remedy),
        "action": case.action,
        "category": case.category.value,
        "button": BUTTONS.get(case.action),
    }


def said(text: str, remedy: Remedy = ours) -> str:
    """A text of the catalogue with its commands as this page has them; `remedy` names those that it has not."""
    return remedy(_COMMAND.sub(_here, text))


def _here(found: "re.Match[str]") -> str:
    name, run = found["name"], found["run"] or ""
    if name == "status" and not found["options"]:
        return {"Run ": "Look at ", "run ": "look at "}.get(run, "") + "this page"
    if found["options"] == " --enable-plan":
        pressed = "Turn plan use on"
    elif name in _PRESSED and not found["options"]:
        pressed = _PRESSED[name]
    else:
        return found[0]
    return f"{'Press' if run.startswith('R') else 'press'} “{pressed}”" if run else f"“{pressed}”"


def attempt(running: Attempt) -> State:
    """A sign-in that is under way: for the page of whoever began it, and for nobody else."""
    return {
        "id": running.id,
        "url": running.url,
        "short_url": running.short_url,
        "user_code": running.user_code,
        "complete_url": running.complete_url,
        "deadline": running.deadline,
        "ways": list(running.ways),
        "asks": list(running.asks),
        "forward": forwarding(running, os.environ),
    }


def _failed(case_id: str | None) -> Case | None:
    return None if case_id is None else cases.find(case_id)


def _trouble(case: Case | None) -> Case | None:
    """Whoever cancelled a sign-in knows."""
    return None if case is None or case.id == CANCELLED else case


def _who(seen: Snapshot) -> State:
    return {
        "id": seen.account_id,
        "label": seen.label,
        "email": seen.email,
        "plan": seen.plan,
        "workspace": seen.workspace,
    }


def _accounts(connection: Connection, current: str) -> list[State]:
    """Those that somebody signed in to; none where the store cannot be read, which the connection's own case tells."""
    with suppress(SignedinError):
        return [_listed(record, current) for record in connection.accounts() if record.label]
    return []


def _providers(home: str) -> list[State]:
    """What can be signed in to; nothing where the configuration has a mistake, which signing in would name."""
    with suppress(SignedinError):
        return [_offered(each, each.profile) for each in providers.known(home) if each.profile]
    return []


def _listed(record: AccountRecord, current: str) -> State:
    return {
        "id": record.id,
        "label": record.label,
        "email": record.email,
        "provider": record.provider,
        "current": record.id == current,
    }


def _offered(known: Known, profile: Provider) -> State:
    ways = ["key"] if profile.takes_key else ["browser", "device"] if _may_take_a_code(profile) else ["browser"]
    return {
        "name": known.name,
        "title": known.title,
        "ways": ways,
        "notice": profile.notice,
        "sandbox": known.name in providers.SANDBOXES,
    }


def _may_take_a_code(profile: Provider) -> bool:
    """Whether it does, or nobody knows yet: where the server's metadata is still to be asked for, the attempt tells."""
    metadata = discovery.from_provider(profile)
    if profile.registration != "fixed" or metadata is None:
        return profile.registration == "fixed"
    with suppress(SignedinError):
        return device.flow_of(profile, metadata, client_id=profile.client_id) is not None
    return False
