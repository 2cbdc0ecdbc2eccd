"""Owns which case is played how. It runs nothing.

A case that a server can bring about is met through a fault of the sandbox; one of this machine's own is made here, in
the play's own home, or met at a stand-in for the network or the keyring. What none of them can do is told from the
table. A candidate looks like its parent from here, so the parent is played; advice is never decided, so that nothing
more than its parent can be shown.
"""

from dataclasses import dataclass
from typing import Literal

from signedin import cases
from signedin.cases import Case
from signedin_adapters.web.board import environment as here
from signedin_adapters.web.board import stand_ins as around
from signedin_adapters.web.board import steps as do
from signedin_adapters.web.board.steps import Step, strikes

How = Literal["sandbox", "here", "stand-in", "table", "unseen", "well"]
"""Met at the sandbox; made on this machine; met at a stand-in for an adapter; told from the table; seen by looking
alone, and by no log; all goes well."""

SAYS: dict[How, str] = {
    "sandbox": "Played by the sandbox: the app met it for real.",
    "here": "Made on this machine, in a home of its own: the app met it for real.",
    "stand-in": "Played by a stand-in for the network or the keyring: the app met what the real one would tell it.",
    "table": "Shown from the table: no server can play this. On a scratch account the case took its own step.",
    "unseen": "Only looking sees this: it keeps the app from nothing, so no line is logged and no log can name it.",
    "well": "Advice: it answers what people ask, and no code raises it. Here all goes well, and nothing is named.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """`case` is what is played, which is the parent where the one that was chosen cannot be told from it.

    `steps` is empty where the scratch account takes the case's step.
    """

    case: Case
    how: How
    steps: tuple[Step, ...] = ()
    provider: str = "sandbox"


def play_of(case: Case) -> Play:
    """How this case is played."""
    if case.kind != "observed" and case.parent is not None:
        return play_of(cases.find(case.parent))
    if case.kind == "advice":
        return Play(case=case, how="well", steps=(do.SIGNS_IN, do.ASKS))
    if case.id in UNSEEN:
        return Play(case=case, how="unseen")
    if case.id in FAULTS:
        steps, provider = FAULTS[case.id]
        return Play(case=case, how="sandbox", steps=steps, provider=provider)
    if case.id in HERE:
        steps, provider = HERE[case.id]
        return Play(case=case, how="here", steps=steps, provider=provider)
    if case.id in STAND_INS:
        return Play(case=case, how="stand-in", steps=STAND_INS[case.id])
    return Play(case=case, how="table")


Score = tuple[tuple[Step, ...], str]
"""The steps, and the provider that they are played at."""


def _first(fault: str, *acts: Step, at: str = "sandbox") -> Score:
    """Nobody is signed in when the fault strikes."""
    return (strikes(fault), *acts), at


def _then(fault: str, *acts: Step, at: str = "sandbox") -> Score:
    """Ada is signed in when the fault strikes."""
    return (do.SIGNS_IN, strikes(fault), *acts), at


def _before_a_start(trouble: Step) -> tuple[Step, ...]:
    """It is there when the app is started again."""
    return do.SIGNS_IN, trouble, do.STARTS_AGAIN, do.REFRESHES


FAULTS: dict[str, Score] = {
    "state-mismatch-stale-tab": _first("callback-wrong-state", do.SIGNS_IN_IN_A_HURRY),
    "user-denied-consent": _first("callback-denied", do.SIGNS_IN),
    "authorization-refused": _then("callback-server-error", do.SIGNS_IN_AGAIN),
    "code-expired-or-used": _first("code-expired", do.SIGNS_IN),
    "redirect-uri-mismatch": _first("code-redirect-uri", do.SIGNS_IN),
    "registration-incomplete": _first("callback-no-client-id", do.SIGNS_IN),
    "registration-mismatch": _then("callback-foreign-client", do.SIGNS_IN_AGAIN),
    "registration-gone": _then("code-client-gone", do.SIGNS_IN_AGAIN),
    "client-refused": _then("token-invalid-client", do.REFRESHES),
    "device-code-disabled": _first("device-disabled", do.SIGNS_IN_BY_CODE, at="sandbox-codex"),
    "device-code-expired": _first("device-expired", do.SIGNS_IN_BY_CODE, at="sandbox-native"),
    "login-rate-limited": _first("token-429", do.SIGNS_IN),
    "region-unsupported": _first("token-region", do.SIGNS_IN),
    "wrong-account-or-workspace": _then("id-token-wrong-sub", do.SIGNS_IN_AGAIN),
    "plan-consent-declined": _then("api-no-consent", do.ASKS),
    "plan-not-included": _then("api-not-eligible", do.ASKS),
    "workspace-not-entitled": _first("entitlement-missing", do.SIGNS_IN),
    "account-deactivated": _then("api-deactivated", do.ASKS_A_MODEL),
    "id-token-invalid": _first("id-token-bad-nonce", do.SIGNS_IN),
    "identity-unverified": ((do.SIGNS_IN, do.STARTS_AGAIN, strikes("jwks-503"), do.REFRESHES), "sandbox"),
    "api-key-rejected": ((do.SIGNS_IN_BY_KEY, strikes("api-key-rejected"), do.ASKS_A_MODEL), "keys"),
    "model-not-in-plan": _then("model-not-found", do.ASKS),
    "catalogue-empty": _then("models-empty", do.LISTS_MODELS),
    "usage-limit-hit": _then("usage-limit", do.ASKS, at="sandbox-codex"),
    "app-usage-limit-hit": _then("api-429-limit", do.ASKS),
    "plan-use-off": _first("identity-only", do.SIGNS_IN, do.LISTS_MODELS),
    "scopes-missing": _then("api-scopes-missing", do.ASKS),
    "route-or-capability-unsupported": _then("capability-unsupported", do.ASKS),
    "client-not-recognised": _then("originator-refused", do.ASKS, at="sandbox-codex"),
    "account-id-header-wrong": _then("workspace-invalid", do.ASKS, at="sandbox-codex"),
    "workspace-deactivated": _then("workspace-deactivated", do.ASKS, at="sandbox-codex"),
    "usage-check-unavailable": _then("api-usage-unavailable", do.ASKS),
    "stream-incomplete": _then("stream-cut", do.ASKS),
    "refresh-token-reused": _then("token-reused", do.REFRESHES),
    "refresh-token-expired-idle": _then("token-expired-idle", do.REFRESHES),
    "refresh-token-revoked": _then("token-invalidated", do.REFRESHES),
    "session-ended": _then("token-invalid-grant", do.REFRESHES),
    "refresh-token-absent": _first("code-no-refresh-token", do.SIGNS_IN, do.COMES_BACK_LATER),
    "refresh-interrupted": _then("token-drop", do.REFRESHES, do.TOKENS_RUN_OUT, do.ASKS),
    "api-401-loop": _then("api-401", do.ASKS),
    "unclassified": _then("token-unknown-code", do.REFRESHES),
    "refresh-token-other-user": _then("id-token-wrong-sub", do.REFRESHES),
    "logout-not-effective": _then("revoke-503", do.SIGNS_OUT),
    "provider-outage": _then("token-503", do.REFRESHES),
    "ok-status-error-body": _then("token-200-error", do.REFRESHES),
    "cloudflare-challenge": _then("token-challenge", do.REFRESHES),
    "request-timeout-ambiguous": _then("token-close", do.REFRESHES),
    "clock-skew": _then("date-ahead", do.REFRESHES),
}

HERE: dict[str, Score] = {
    "callback-never-arrives": ((here.NOBODY_COMES,), "sandbox"),
    "login-cancelled": ((here.GIVES_UP,), "sandbox"),
    "no-browser-headless": ((here.NO_BROWSER,), "sandbox"),
    "callback-upgraded-to-https": ((here.COMES_BACK_BY_HTTPS,), "sandbox"),
    "login-in-progress": ((here.SIGNS_IN_TWICE,), "sandbox"),
    "account-exists-already": ((do.SIGNS_IN, do.SIGNS_IN_AS_ANOTHER), "sandbox-codex"),
    "port-in-use-other-tool": ((here.PORT_IS_TAKEN,), "sandbox-codex"),
    "port-in-use-own-attempt": ((here.ANOTHER_APP_SIGNS_IN,), "sandbox-codex"),
    "copied-to-second-machine": (
        (do.SIGNS_IN, do.STARTS_AGAIN, here.MOVES_TO_ANOTHER_MACHINE, do.REFRESHES),
        "sandbox",
    ),
    "session-undecryptable": ((do.SIGNS_IN, do.STARTS_AGAIN, here.KEY_IS_LOST, do.REFRESHES), "sandbox"),
    "signed-out-elsewhere": ((do.SIGNS_IN, here.SIGNED_OUT_ELSEWHERE, do.ASKS), "sandbox"),
    "offline": ((do.SIGNS_IN, here.PROVIDER_IS_GONE, do.REFRESHES), "sandbox"),
    "proxy-scheme-unsupported": ((do.SIGNS_IN, do.STARTS_AGAIN, here.PROXY_IS_ODD, do.REFRESHES), "sandbox"),
    "ca-file-stale": ((do.SIGNS_IN, do.STARTS_AGAIN, here.CA_FILE_IS_GONE, do.REFRESHES), "sandbox"),
    "file-permission-or-owner": ((do.SIGNS_IN, do.STARTS_AGAIN, here.SESSION_HAS_TWO_NAMES, do.ASKS), "sandbox"),
    "file-corrupt-truncated": ((do.SIGNS_IN, do.STARTS_AGAIN, here.SESSION_IS_CUT, do.ASKS), "sandbox"),
    "schema-newer": ((do.SIGNS_IN, do.STARTS_AGAIN, here.SCHEMA_IS_NEWER, do.ASKS), "sandbox"),
    "configuration-changed": (
        (here.ADDRESSES_ARE_NAMED, do.SIGNS_IN, do.STARTS_AGAIN, here.ADDRESSES_CHANGE, do.ASKS),
        "acme",
    ),
}

STAND_INS: dict[str, tuple[Step, ...]] = {
    "dns-failure": _before_a_start(around.NO_NAME),
    "proxy-not-used": _before_a_start(around.NO_WAY_OUT),
    "proxy-auth-required": _before_a_start(around.PROXY_ASKS),
    "tls-interception": _before_a_start(around.STRANGE_CERTIFICATE),
    "no-thread": _before_a_start(around.NOTHING_TO_SEND_WITH),
    "bug": _before_a_start(around.OUR_CODE_BREAKS),
    "keyring-backend-missing": _before_a_start(around.NO_KEYRING),
    "keyring-locked": _before_a_start(around.KEYRING_IS_LOCKED),
    "keyring-denied": _before_a_start(around.KEYRING_REFUSES),
    "keyring-hung": _before_a_start(around.KEYRING_HANGS),
    "store-unavailable": _before_a_start(around.KEYRING_FAILS),
    "keyring-silent-nonwrite": (around.KEYRING_KEEPS_NOTHING, do.SIGNS_IN),
}

UNSEEN = frozenset({"env-key-overrides-login", "file-too-open", "stale-entry-shadows"})
"""Seen by `status` and `doctor` where it is. They write no log."""
