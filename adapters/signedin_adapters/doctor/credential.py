"""Owns the checks of the session itself, from the first line of its file: it is not opened, and nothing is refreshed.

Three things are told apart: that a session is there, how long its access is valid, and that nobody asked the provider
whether its refresh token still is.
"""

import math
import os
import sys
import time

from signedin.states import Flag
from signedin_adapters.doctor.check import Check, Finding, fail, ok, skipped, warning
from signedin_adapters.doctor.patient import Patient
from signedin_adapters.stores import host, trust
from signedin_adapters.stores.keyring_key import KeyringKeys
from signedin_adapters.stores.keys import key_id, parse_key

_NOBODY = "Nobody is signed in."
_BY_PLACE = {"SIGNEDIN_ACCOUNT": "SIGNEDIN_ACCOUNT", "pin": "the pin of this directory"}


def _present(patient: Patient) -> Finding:
    session = patient.session
    if session is None or patient.account is None:
        return skipped(_NOBODY)
    paths = patient.paths.account(patient.account.id)
    if session.key_in == "passphrase":
        there = os.path.exists(paths.wrapped_key)
        return ok("Present, sealed under a passphrase. It was not opened.") if there else _without_key()
    if session.key_in == "file":
        data = trust.read(paths.key)
        found = None if data is None else parse_key(data.decode("ascii", "replace").strip(), paths.key)
    elif sys.platform == "darwin":  # the keychain asks whoever did not make the entry
        return ok("Present. Whether the keychain still has its key was not looked at: the keychain might ask you.")
    else:
        found = KeyringKeys(patient.paths.slug).fetch(patient.account.id)
    if found is None or key_id(found) != session.key_id:
        return _without_key()
    return ok("Present, and so is the key that it is sealed under. It was not opened.")


def _without_key() -> Finding:
    return fail("Present, but the key that it is sealed under is gone.", case="session-undecryptable")


def _access_expiry(patient: Patient) -> Finding:
    session = patient.session
    if session is None:
        return skipped(_NOBODY)
    if math.isinf(session.expires_at):
        return ok("Access does not run out by itself.")
    told = _moment(session.expires_at)
    if patient.at < session.expires_at:
        return ok(f"Access valid until {told}.")
    if not session.has_refresh_token:
        return fail(f"Access ran out at {told}, and there is nothing to renew it with.", case="refresh-token-absent")
    return ok(f"Access ran out at {told}, as it should; the next use renews it.")


def _refresh_age(patient: Patient) -> Finding:
    session = patient.session
    if session is None:
        return skipped(_NOBODY)
    if math.isinf(session.expires_at):
        return skipped("An access that does not run out is never renewed.")
    if not session.has_refresh_token:
        return warning(
            "Refresh token: none. Signing in again is needed once access runs out.", case="refresh-token-absent"
        )
    if Flag.IN_DOUBT.value in patient.flags:
        return warning(
            "Refresh token: present, not tested. A refresh was cut off, and may have spent it.",
            action="Nothing to do now: the next use finds out, and says so if you have to sign in again.",
            case="request-timeout-ambiguous",
        )
    return ok(f"Refresh token: present since {_moment(session.issued_at)}, not tested.")


def _source_shadowing(patient: Patient) -> Finding:
    """What chooses another account than the newest, or what other tools would use instead."""
    sessions = [account.session for account in patient.facts.accounts if account.session is not None]
    newest = max(sessions, key=lambda session: session.issued_at, default=None)
    by = _BY_PLACE.get(patient.rule or "")
    if (
        by is not None
        and newest is not None
        and patient.account is not None
        and newest.account_id != patient.account.id
    ):
        return warning(
            f"Somebody signed in to another account later, and {by} chooses this one.", case="stale-entry-shadows"
        )
    if os.environ.get("OPENAI_API_KEY"):
        return ok("OPENAI_API_KEY is set. It is never used here; other tools may use it and bill it.")
    return ok("No variable and no pin chooses another account than the last one that signed in.")


def _host_match(patient: Patient) -> Finding:
    if patient.account is None or patient.session is None:
        return skipped(_NOBODY)
    if patient.account.copied:
        return fail("The session was made on another machine, which may use it too.", case="copied-to-second-machine")
    if not host.fingerprint():
        return ok("This system has no id of its own, so a session from another machine would not be noticed.")
    return ok("The session was made on this machine.")


def _moment(at: float) -> str:
    """Local time, with the day where that is not today."""
    then, today = time.localtime(at), time.localtime()
    return time.strftime("%H:%M" if then[:3] == today[:3] else "%Y-%m-%d %H:%M", then)


CHECKS = (
    Check(
        id="credential.present",
        look=_present,
        after=("store.backend", "store.permissions", "store.schema"),
        silence="store-unavailable",
    ),
    Check(id="credential.access_expiry", look=_access_expiry, after=("store.schema",)),
    Check(id="credential.refresh_age", look=_refresh_age, after=("store.schema",)),
    Check(id="credential.source_shadowing", look=_source_shadowing, after=("store.home",)),
    Check(id="credential.host_match", look=_host_match, after=("store.schema",)),
)
