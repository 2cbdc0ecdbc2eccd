"""Owns the device flow: how a code for another machine's browser is asked for, and how often what became of it is.

There are two: RFC 8628's, and one that a server made for itself (`provider.DeviceFlow`). What is read is the same for
both (`device_answer`). Pure: it sends nothing and waits for nothing.
"""

import re
from dataclasses import dataclass

from signedin.classify.device import UNUSABLE
from signedin.errors import ConfigurationError
from signedin.oauth import pkce
from signedin.oauth.authorization import Authorization
from signedin.oauth.device_answer import (
    CodeGranted,
    DeviceCode,
    Refused,
    TokensGranted,
    Waiting,
    members,
    no_grant,
    read_start,
    refused_start,
    text_of,
)
from signedin.oauth.discovery import Metadata
from signedin.oauth.messages import Field, Request, Response
from signedin.oauth.urls import origin, require_safe
from signedin.provider import DeviceFlow, Provider
from signedin.secret import Secret

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:device_code"
SLOW_DOWN_SECONDS = 5.0
"""What `slow_down` adds to the interval, for good (RFC 8628 §3.5)."""
LONGEST_PAUSE_SECONDS = 60.0
"""How far the pause is doubled while questions go unanswered."""

_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
_NOT_YET = frozenset({403, 404})


@dataclass(frozen=True, slots=True, kw_only=True)
class StandardFlow:
    """The device authorization grant of RFC 8628, as a public client."""

    device_authorization_endpoint: str
    token_endpoint: str
    client_id: str
    scopes: tuple[str, ...] = ()
    resource: str | None = None

    def start_request(self) -> Request:
        """Ask for a code (RFC 8628 §3.1, RFC 8707 §2)."""
        scope: list[tuple[str, Field]] = [("scope", " ".join(self.scopes))] if self.scopes else []
        form = (("client_id", self.client_id), *scope, *self._target())
        return Request(method="POST", url=self.device_authorization_endpoint, form=form)

    def read_start(self, response: Response) -> DeviceCode:
        """Read the code (RFC 8628 §3.2). Raises AnswerRefused with the case."""
        if response.status != 200:
            raise refused_start(response)
        return read_start(response, member="device_code", asked_at=self.token_endpoint)

    def poll_request(self, code: DeviceCode) -> Request:
        """Ask what became of it (RFC 8628 §3.4)."""
        form = (("grant_type", GRANT_TYPE), ("device_code", code.device_code), ("client_id", self.client_id))
        return Request(method="POST", url=self.token_endpoint, form=(*form, *self._target()))

    def read_poll(self, response: Response) -> Waiting | Refused | TokensGranted:
        """Read what became of it (RFC 8628 §3.5). Some servers say with status 200 that there are no tokens yet.

        Tokens count, whatever stands beside them: they are issued. An empty one is none.
        """
        granted = response.status == 200 and members(response).get("access_token")
        return TokensGranted(response=response) if granted else no_grant(response)

    def _target(self) -> tuple[tuple[str, Field], ...]:
        return (("resource", self.resource),) if self.resource else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnFlow:
    """A flow of the server's own: JSON, and in the end a code with its verifier (docs/wire.md, DEV-13 to DEV-17)."""

    endpoints: DeviceFlow
    client_id: str

    def start_request(self) -> Request:
        """Ask for a code."""
        return Request(method="POST", url=self.endpoints.authorization_endpoint, json=(("client_id", self.client_id),))

    def read_start(self, response: Response) -> DeviceCode:
        """Read the code. Raises AnswerRefused with the case; 404 says that codes are switched off."""
        if response.status != 200:
            raise refused_start(response, off=response.status == 404)
        own = self.endpoints
        return read_start(
            response, member="device_auth_id", asked_at=own.token_endpoint, verification_uri=own.verification_uri
        )

    def poll_request(self, code: DeviceCode) -> Request:
        """Ask what became of it."""
        fields = (("device_auth_id", code.device_code), ("user_code", code.user_code))
        return Request(method="POST", url=self.endpoints.token_endpoint, json=fields)

    def read_poll(self, response: Response) -> Waiting | Refused | CodeGranted:
        """Read what became of it. A verifier that is none, or not that of the challenge, is worth no try."""
        if response.status != 200:
            return no_grant(response, pending=_NOT_YET)
        answer = members(response)
        code, verifier = text_of(answer, "authorization_code"), text_of(answer, "code_verifier")
        if code is None:
            return no_grant(response)
        if verifier is None or not _VERIFIER.fullmatch(verifier.reveal()):
            return Refused(case=UNUSABLE)
        if answer.get("code_challenge") not in (None, pkce.challenge(verifier)):
            return Refused(case=UNUSABLE)
        return CodeGranted(code=code, code_verifier=verifier)


Flow = StandardFlow | OwnFlow


class Pace:
    """How long to wait before each further question (RFC 8628 §3.5).

    While questions go unanswered the pause doubles from one to the next; the first answer ends that.
    """

    def __init__(self, interval: float) -> None:
        self._interval, self._unanswered = interval, 0

    def after(self, waiting: Waiting) -> float:
        """Seconds: never less than the interval, nor than the server's wish."""
        if waiting.slower:
            self._interval += SLOW_DOWN_SECONDS
        self._unanswered = 0 if waiting.case is None else min(self._unanswered + 1, 16)
        doubled = min(self._interval * 2.0**self._unanswered, LONGEST_PAUSE_SECONDS)
        return max(self._interval, doubled, waiting.retry_after or 0.0)


def flow_of(provider: Provider, metadata: Metadata, *, client_id: str) -> Flow | None:
    """The device flow of this provider; None where it has none, or gives out its ids in a browser alone.

    Raises ConfigurationError for a place of the server's own flow that is not safe, or not on its issuer's host.
    """
    if provider.registration != "fixed":
        return None
    if provider.device is not None:
        _require_issuers_own(provider, provider.device)
        return OwnFlow(endpoints=provider.device, client_id=client_id)
    if metadata.device_authorization_endpoint is None:
        return None
    return StandardFlow(
        device_authorization_endpoint=metadata.device_authorization_endpoint,
        token_endpoint=metadata.token_endpoint,
        client_id=client_id,
        scopes=provider.scopes,
        resource=provider.resource,
    )


def authorization_of(provider: Provider, *, client_id: str) -> Authorization:
    """What stands for the authorization request, which this flow has none of: no state, no nonce, no verifier yet."""
    return Authorization(
        issuer=provider.issuer,
        client_id=client_id,
        registering=False,
        redirect_uri=provider.device.redirect_uri if provider.device else "",
        scopes=provider.scopes,
        resource=provider.resource,
        state=Secret(""),
        nonce=None,
        code_verifier=Secret(""),
    )


def _require_issuers_own(provider: Provider, flow: DeviceFlow) -> None:
    for url in (flow.authorization_endpoint, flow.token_endpoint, flow.verification_uri):
        require_safe(url, f"the device flow of provider {provider.name}")
        if origin(url) != origin(provider.issuer):
            raise ConfigurationError(f"the device flow of provider {provider.name} is not on its issuer's host")
