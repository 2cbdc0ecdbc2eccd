"""What can be made to go wrong: one table, and the registry of what is armed.

A row names a fault, the place that looks for it and what it does there. The places ask `Faults.take` once a request;
what each fault does is written where it happens (`fault_answers`, `token`, `callback`, `tokens`, `event_stream`).
This module loads nothing but the standard library, so that a command can list the faults without the server.
"""

from collections import deque
from dataclasses import dataclass, replace
from difflib import get_close_matches
from threading import Lock
from typing import Literal

Endpoint = Literal[
    "any", "discovery", "jwks", "callback", "token", "refresh", "id_token", "exchange", "revoke", "api", "models",
    "responses", "device", "poll", "workspace", "plan", "usage",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One row: a kebab-case name, the place where it strikes, and one line for people."""

    name: str
    endpoint: Endpoint
    description: str


def _row(name: str, endpoint: Endpoint, description: str) -> Fault:
    return Fault(name=name, endpoint=endpoint, description=description)


FAULTS: dict[str, Fault] = {
    fault.name: fault
    for fault in (
        _row("next-503", "any", "token, revocation or API: 503, whichever is asked next"),
        _row("discovery-503", "discovery", "the discovery document is out of reach"),
        _row("discovery-wrong-issuer", "discovery", "the document names another issuer"),
        _row("discovery-foreign-origin", "discovery", "the token endpoint lies on another origin"),
        _row("discovery-no-revocation", "discovery", "the document names no revocation endpoint"),
        _row("jwks-503", "jwks", "the signing keys are out of reach"),
        _row("jwks-empty", "jwks", "the key set is empty"),
        _row("jwks-rotated", "id_token", "the ID token is signed with a key made after the set was last fetched"),
        _row("callback-denied", "callback", "the user denies: error=access_denied"),
        _row("callback-no-client-id", "callback", "the callback names no client_id"),
        _row("callback-foreign-client", "callback", "the callback names a client_id that is not this registration's"),
        _row("callback-wrong-state", "callback", "the callback carries a state that the app never sent"),
        _row("entitlement-missing", "callback", "access_denied, described as missing_codex_entitlement"),
        _row("identity-only", "callback", "the user signs in but does not allow plan use"),
        _row("id-token-wrong-sub", "id_token", "the ID token is about somebody else"),
        _row("id-token-bad-nonce", "exchange", "the ID token repeats a nonce that the app never sent"),
        _row("token-503", "token", "503 with a JSON body, nothing done"),
        _row("token-429", "token", "429 with Retry-After: 2, nothing done"),
        _row("token-html", "token", "502 with an HTML page, nothing done"),
        _row("token-hang", "token", "no answer at all, nothing done"),
        _row("token-slow-drip", "token", "a 200 whose body comes a blank at a time and never ends, nothing done"),
        _row("token-huge", "token", "a 200 with 4 MiB of JSON, nothing done"),
        _row("token-redirect-307", "token", "307 to another host, nothing done"),
        _row("token-invalid-grant", "token", "refused with invalid_grant; the grant ends"),
        _row("token-invalid-client", "token", "refused with invalid_client"),
        _row("token-region", "token", "403 unsupported_country_region_territory"),
        _row("token-unknown-code", "token", "400 with an error code that nobody has documented"),
        _row("token-no-code", "token", "400 with a body that carries no code"),
        _row("token-reused", "refresh", "refused with refresh_token_reused; the grant ends"),
        _row("token-500-after-commit", "refresh", "the refresh token is rotated, then the answer is 500"),
        _row("token-drop", "refresh", "the refresh token is rotated, then the connection closes without an answer"),
        _row("device-disabled", "device", "404: signing in with a code is switched off"),
        _row("device-start-429", "device", "429 with Retry-After: 2, before any code is given out"),
        _row("device-429", "poll", "429 with Retry-After: 2, nothing decided"),
        _row("device-slow-down", "poll", "slow_down, though it did not hurry"),
        _row("device-denied", "poll", "the user has denied"),
        _row("device-expired", "poll", "the code has run out"),
        _row("device-503", "poll", "503 with a JSON body, nothing decided"),
        _row("device-html", "poll", "502 with an HTML page, nothing decided"),
        _row("revoke-503", "revoke", "503, nothing revoked"),
        _row("api-401", "api", "401 although the access token is good"),
        _row("api-403-detail", "api", "403 with a detail body: refused by policy"),
        _row("api-429-limit", "api", "429 subscription_sharing_usage_limit_exceeded"),
        _row("api-503", "api", "503 with a detail body: direct routing unavailable"),
        _row("api-html", "api", "502 with an HTML page"),
        _row("workspace-deactivated", "workspace", "codex: 402 deactivated_workspace"),
        _row("usage-limit", "plan", "codex: 429 usage_limit_reached, with the time when it is over"),
        _row("usage-not-included", "plan", "codex: 403 usage_not_included"),
        _row("usage-unknown", "usage", "codex: the usage document holds nulls"),
        _row("models-empty", "models", "the catalogue is empty"),
        _row("models-520", "models", "520 with an HTML page"),
        _row("stream-cut", "responses", "the connection closes in the middle of the answer"),
        _row("stream-failed-limit", "responses", "response.failed with a usage limit in the middle of the answer"),
        _row("stream-incomplete", "responses", "response.incomplete instead of response.completed"),
        _row("stream-error-event", "responses", "an error event in the middle of the answer"),
        _row("stream-empty-output", "responses", "response.completed whose output list is empty"),
        _row("stream-no-content-type", "responses", "a good stream without a Content-Type"),
    )
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultSpec:
    """A fault and how often it strikes; ``times`` None means always."""

    name: str
    times: int | None = 1

    def __post_init__(self) -> None:
        if self.name not in FAULTS:
            near = get_close_matches(self.name, FAULTS, n=1)
            raise ValueError(f"unknown fault {self.name!r}" + (f"; did you mean {near[0]!r}?" if near else ""))
        if self.times is not None and self.times < 1:
            raise ValueError(f"fault {self.name!r} must strike at least once, not {self.times} times")

    @classmethod
    def parse(cls, text: str) -> "FaultSpec":
        """Read ``NAME[@once|always|N]``; raises ValueError that says what is wrong."""
        name, separator, often = text.partition("@")
        if not separator or often == "once":
            return cls(name=name)
        if often == "always":
            return cls(name=name, times=None)
        if not (often.isascii() and often.isdigit()):
            raise ValueError(f"in {text!r}, {often!r} is none of once, always or a number")
        return cls(name=name, times=int(often))


class Faults:
    """The armed faults, oldest first; safe from any thread."""

    def __init__(self) -> None:
        self._armed: deque[FaultSpec] = deque()
        self._lock = Lock()

    @property
    def armed(self) -> tuple[FaultSpec, ...]:
        """What will strike, in order, with how often it still will."""
        with self._lock:
            return tuple(self._armed)

    def inject(self, name: str, times: int | None = 1) -> None:
        """Arm a fault for so many requests, or for all with ``times=None``; raises ValueError for an unknown name."""
        self.add(FaultSpec(name=name, times=times))

    def add(self, spec: FaultSpec) -> None:
        """Arm what a specification says."""
        with self._lock:
            self._armed.append(spec)

    def clear(self) -> None:
        """Disarm everything."""
        with self._lock:
            self._armed.clear()

    def take(self, *endpoints: Endpoint) -> str | None:
        """The oldest fault armed for one of these places, counted down; None if there is none."""
        with self._lock:
            for index, spec in enumerate(self._armed):
                if FAULTS[spec.name].endpoint in endpoints:
                    self._count_down(index, spec)
                    return spec.name
        return None

    def _count_down(self, index: int, spec: FaultSpec) -> None:
        if spec.times == 1:
            del self._armed[index]
        elif spec.times is not None:
            self._armed[index] = replace(spec, times=spec.times - 1)
