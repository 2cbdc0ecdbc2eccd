"""Owns the check of what went wrong before, from the app's own log. The newest evidence wins."""

import os
from datetime import datetime

from signedin import cases
from signedin_adapters import diagnosis
from signedin_adapters.diagnosis import CaseFound
from signedin_adapters.doctor.bundle import logs
from signedin_adapters.doctor.check import Check, Finding, ok, sentence, skipped, warning
from signedin_adapters.doctor.patient import Patient
from signedin_adapters.log.pseudonym import Pseudonyms


def _last_failure(patient: Patient) -> Finding:
    files = logs(patient.log)
    if not files:
        return skipped("There is no log.")
    found = diagnosis.diagnose(diagnosis.find(files))
    name = _pseudonym(patient)
    about = [each for each in found.cases if name is None or each.account in (None, name)]
    if not about:
        runs = len(found.runs) + found.folded
        return ok(f"The log names no trouble in {runs} run{'' if runs == 1 else 's'}.")
    active = next((each for each in about if each.active), None)
    return _told(active or about[0], patient)


def _told(found: CaseFound, patient: Patient) -> Finding:
    case = cases.find(found.id)
    often = f", {found.count} times since {_when(found.first_at)}" if found.count > 1 else ""
    title = case.title.removesuffix(".")
    if not found.active:
        return ok(f"The last trouble is over: “{title}”, {_when(found.last_at)}{often}.")
    stands = patient.status is not None and patient.status.case == case.id
    told = sentence(f"The last trouble is not over: “{title}”, {_when(found.last_at)}{often}")
    return warning(told, action="See state.current." if stands else None, case=case.id)


def _pseudonym(patient: Patient) -> str | None:
    """What the log calls the account; None where all of it is meant. The key of the names is not made for this."""
    directory = patient.paths.log
    if patient.account is None or not os.path.exists(os.path.join(directory, "key")):
        return None
    return Pseudonyms(directory).name(patient.account.id)


def _when(at: str) -> str:
    """Local time of an RFC 3339 moment."""
    return datetime.fromisoformat(at).astimezone().strftime("%Y-%m-%d %H:%M")


CHECKS = (Check(id="history.last_failure", look=_last_failure, after=("store.home",), seconds=10.0),)
