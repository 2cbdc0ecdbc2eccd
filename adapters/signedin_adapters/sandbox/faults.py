"""What can be made to go wrong: one table.

A row names a fault, the place that looks for it, what it does there, and the case that a user meets by it. What each
fault does is written where it happens (`fault_answers`, `token`, `callback`, `tokens`, `event_stream`, `gate`). This
module loads nothing but the standard library, so that a command can list the faults without the server.
"""

from dataclasses import dataclass
from typing import Literal

Endpoint = Literal[
    "any", "discovery", "jwks", "callback", "token", "code", "refresh", "id_token", "exchange", "revoke", "api", "key",
    "models", "responses", "device", "poll", "workspace", "plan", "usage", "date",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One row: a kebab-case name, the place where it strikes, and one line for people.

    ``case`` is the case that it plays, None where it plays none by itself. ``lasting`` says that the case shows only
    while the fault strikes at each request.
    """

    name: str
    endpoint: Endpoint
    description: str
    case: str | None = None
    lasting: bool = False


def _row(name: str, endpoint: Endpoint, description: str, case: str | None = None, *, lasting: bool = False) -> Fault:
    return Fault(name=name, endpoint=endpoint, description=description, case=case, lasting=lasting)


FAULTS: dict[str, Fault] = {
    fault.name: fault
    for fault in (
        _row("next-503", "any", "token, revocation or API: 503, whichever is asked next"),
        _row("callback-denied", "callback", "the user denies: error=access_denied", "user-denied-consent"),
        _row("callback-server-error", "callback", "the server fails: error=server_error", "authorization-refused"),
        _row("callback-no-client-id", "callback", "the callback names no client_id", "registration-incomplete"),
        _row("callback-foreign-client", "callback", "it names another app's client_id", "registration-mismatch"),
        _row("callback-wrong-state", "callback", "its state was never sent by the app", "state-mismatch-stale-tab"),
        _row("entitlement-missing", "callback", "access_denied: missing_codex_entitlement", "workspace-not-entitled"),
        _row("identity-only", "callback", "the user signs in but does not allow plan use", "plan-use-off"),
        _row("id-token-wrong-sub", "id_token", "the ID token is about somebody else", "refresh-token-other-user"),
        _row("id-token-bad-nonce", "exchange", "the ID token has a nonce that the app never sent", "id-token-invalid"),
        _row("code-expired", "code", "refused with invalid_grant; the code ends", "code-expired-or-used"),
        _row("code-redirect-uri", "code", "refused with redirect_uri_mismatch; the code ends", "redirect-uri-mismatch"),
        _row("code-client-gone", "code", "the client is forgotten: invalid_client", "registration-gone"),
        _row("code-no-refresh-token", "code", "a good answer without a refresh token", "refresh-token-absent"),
        _row("token-503", "token", "503 with a JSON body, nothing done", "provider-outage"),
        _row("token-429", "token", "429 with Retry-After: 2, nothing done", "login-rate-limited"),
        _row("token-html", "token", "502 with an HTML page, nothing done", "provider-outage"),
        _row("token-challenge", "token", "403, cf-mitigated: challenge, with an HTML page", "cloudflare-challenge"),
        _row("token-portal", "token", "200 with a network's own page, nothing done", "captive-portal"),
        _row("token-200-error", "token", "200 with an error as its body, nothing done", "ok-status-error-body"),
        _row("token-close", "token", "no answer: the connection closes, nothing done", "request-timeout-ambiguous"),
        _row("token-hang", "token", "no answer at all, nothing done", "request-timeout-ambiguous"),
        _row("token-slow-drip", "token", "a 200 of blanks that never ends, nothing done", "request-timeout-ambiguous"),
        _row("token-huge", "token", "a 200 with 4 MiB of JSON, nothing done", "ok-status-error-body"),
        _row("token-redirect-307", "token", "307 to another host, nothing done", "ok-status-error-body"),
        _row("token-invalid-grant", "token", "refused with invalid_grant; the grant ends", "session-ended"),
        _row("token-invalid-client", "token", "refused with invalid_client", "client-refused"),
        _row("token-region", "token", "403 unsupported_country_region_territory", "region-unsupported"),
        _row("token-unknown-code", "token", "400 with an error code that nobody has documented", "unclassified"),
        _row("token-no-code", "token", "400 with a body that carries no code", "unclassified"),
        _row("token-reused", "refresh", "refused with refresh_token_reused; the grant ends", "refresh-token-reused"),
        _row("token-expired-idle", "refresh", "refresh_token_expired; the grant ends", "refresh-token-expired-idle"),
        _row("token-invalidated", "refresh", "refresh_token_invalidated; the grant ends", "refresh-token-revoked"),
        _row("token-500-after-commit", "refresh", "500 after the refresh token was rotated", "refresh-interrupted"),
        _row("token-drop", "refresh", "no answer after the refresh token was rotated", "refresh-interrupted"),
        _row("device-disabled", "device", "404: signing in with a code is switched off", "device-code-disabled"),
        _row("device-start-429", "device", "429 with Retry-After: 2, no code given out", "login-rate-limited"),
        _row("device-429", "poll", "429 with Retry-After: 2, nothing decided"),
        _row("device-slow-down", "poll", "slow_down, though it did not hurry"),
        _row("device-denied", "poll", "the user has denied", "user-denied-consent"),
        _row("device-expired", "poll", "the code has run out", "device-code-expired"),
        _row("device-503", "poll", "503 with a JSON body, nothing decided"),
        _row("device-html", "poll", "502 with an HTML page, nothing decided"),
        _row("revoke-503", "revoke", "503, nothing revoked", "logout-not-effective", lasting=True),
        _row("api-401", "api", "401 although the access token is good", "api-401-loop", lasting=True),
        _row("api-not-eligible", "api", "403 subscription_sharing_user_not_eligible", "plan-not-included"),
        _row("api-403-detail", "api", "403 with a detail body: refused by policy", "plan-not-included"),
        _row("api-429-limit", "api", "429 subscription_sharing_usage_limit_exceeded", "app-usage-limit-hit"),
        _row("api-503", "api", "503 with a detail body: direct routing unavailable", "provider-outage"),
        _row("api-html", "api", "502 with an HTML page", "provider-outage"),
        _row("api-challenge", "api", "403, cf-mitigated: challenge, with an HTML page", "cloudflare-challenge"),
        _row("api-portal", "api", "200 with a network's own page", "captive-portal"),
        _row("api-scopes-missing", "api", "401 that speaks of missing scopes, without a code", "scopes-missing"),
        _row("api-deactivated", "api", "401 account_deactivated", "account-deactivated"),
        _row("api-no-consent", "api", "403 chatpass_v2_scope_not_authorized", "plan-consent-declined"),
        _row("api-usage-unavailable", "api", "503 subscription_sharing_usage_unavailable", "usage-check-unavailable"),
        _row("api-key-rejected", "key", "401 invalid_api_key although the key is good", "api-key-rejected"),
        _row("workspace-deactivated", "workspace", "codex: 402 deactivated_workspace", "workspace-deactivated"),
        _row("workspace-invalid", "workspace", "codex: 403 invalid_workspace_selected", "account-id-header-wrong"),
        _row("originator-refused", "workspace", "codex: 403 Forbidden, for whoever asks", "client-not-recognised"),
        _row("usage-limit", "plan", "codex: 429 usage_limit_reached, with the time when it is over", "usage-limit-hit"),
        _row("usage-not-included", "plan", "codex: 403 usage_not_included", "plan-not-included"),
        _row("model-not-found", "responses", "404 model_not_found", "model-not-in-plan"),
        _row("model-refused", "plan", "codex: 400 with a detail body: the model is not supported", "model-not-in-plan"),
        _row("usage-unknown", "usage", "codex: the usage document holds nulls"),
        _row("models-empty", "models", "the catalogue is empty", "catalogue-empty"),
        _row("models-520", "models", "520 with an HTML page", "provider-outage"),
        _row("capability-unsupported", "responses", "400 unsupported_capability", "route-or-capability-unsupported"),
        _row("stream-cut", "responses", "the connection closes in the middle of the answer", "stream-incomplete"),
        _row("stream-failed-limit", "responses", "response.failed with a usage limit", "app-usage-limit-hit"),
        _row("stream-incomplete", "responses", "response.incomplete instead of completed", "stream-incomplete"),
        _row("stream-error-event", "responses", "an error event in the middle of the answer", "provider-outage"),
        _row("stream-empty-output", "responses", "response.completed whose output list is empty"),
        _row("stream-no-content-type", "responses", "a good stream without a Content-Type"),
        _row("discovery-503", "discovery", "the discovery document is out of reach", "provider-outage", lasting=True),
        _row("discovery-wrong-issuer", "discovery", "the document names another issuer"),
        _row("discovery-foreign-origin", "discovery", "the token endpoint lies on another origin"),
        _row("discovery-no-revocation", "discovery", "the document names no revocation endpoint"),
        _row("jwks-503", "jwks", "the signing keys are out of reach", "identity-unverified", lasting=True),
        _row("jwks-empty", "jwks", "the key set is empty", "ok-status-error-body", lasting=True),
        _row("jwks-rotated", "id_token", "the ID token is signed with a key made after the set was last fetched"),
        _row("date-ahead", "date", "an answer's Date is ten minutes ahead", "clock-skew", lasting=True),
    )
}
"""By name, in the order in which they are listed. Of those that play one case, the first plays it by the case's id."""
