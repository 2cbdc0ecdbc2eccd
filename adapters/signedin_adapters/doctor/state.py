"""Owns the checks of how the account stands: its state, its plan, its limits, and whether the configuration reads."""

from signedin import cases
from signedin.states import Flag, State
from signedin_adapters.doctor.check import Check, Finding, fail, ok, refused, sentence, skipped, warning
from signedin_adapters.doctor.patient import Patient

_PAUSED = {Flag.USAGE_PAUSED: "usage-limit-hit", Flag.MODELS_BLOCKED: "model-not-in-plan"}


def _current(patient: Patient) -> Finding:
    status = patient.status
    if status is None:
        return skipped("The configuration has to be read first.")
    case = cases.find(status.case) if status.case is not None else None
    if status.state is State.AUTHORIZING:
        return warning("A sign-in is under way.", action="Finish it in its browser; Ctrl-C where it runs ends it.")
    if status.state is State.DISCONNECTED:
        told = f"Nobody is signed in. The last sign-in failed: {case.title}." if case else "Nobody is signed in."
        return fail(told, case=case.id if case else "not-signed-in")
    if status.state in (State.EXPIRED, State.ERROR):
        found = case or cases.find("unclassified")
        return fail(sentence(found.title), case=found.id)
    at = patient.account.provider if patient.account is not None else "the provider"
    if case is not None:
        return warning(f"Signed in at {at}, with a trouble that is not over: “{case.title}”.", case=case.id)
    renewing = " A refresh is under way." if status.state is State.REFRESHING else ""
    return ok(f"Signed in at {at}.{renewing}")


def _config(patient: Patient) -> Finding:
    if patient.refusal is not None:
        return refused(patient.refusal)
    return ok("The settings can be read: config.toml, if there is one, and the environment.")


def _plan(patient: Patient) -> Finding:
    session = patient.session
    if session is None:
        return skipped("Nobody is signed in.")
    if session.plan_enabled is None:
        return skipped("This provider knows no plans.")
    if not session.plan_enabled:
        return warning("Signed in, but this app may not use the plan.", case="plan-consent-declined")
    return ok("This app may use the plan.")


def _paused(patient: Patient) -> Finding:
    if patient.session is None:
        return skipped("Nobody is signed in.")
    for flag, case in _PAUSED.items():
        if flag.value in patient.flags:
            return warning(sentence(cases.find(case).title), case=case)
    return ok("No usage limit is known to be in force, and no model was refused.")


CHECKS = (
    Check(
        id="state.current",
        look=_current,
        after=("store.home", "config.file", "store.permissions", "store.schema", "credential.host_match"),
    ),
    Check(id="config.file", look=_config, after=("store.home",)),
    Check(id="plan.enabled", look=_plan, after=("store.home",)),
    Check(id="usage.paused", look=_paused, after=("store.home",)),
)
