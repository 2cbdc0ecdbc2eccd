"""The authorization server of the simulated world: it rotates strictly, and a token that comes twice ends its family.

It remembers every redemption, and what became of the answer.
"""

import json
from collections import deque
from dataclasses import dataclass
from typing import Any

from tests.support.simulated.strand import here, point

from signedin.errors import TransportFailed
from signedin.oauth.messages import Request, Response
from signedin.provider import Provider

ISSUER = "https://id.example"
LIFE = 3600
RETRY_AFTER = 100

UNTOUCHED = ("unsent", "unreached", "503", "429", "html", "unknown-code")
"""What can go wrong before the server did anything."""
SPENT = ("unanswered", "500-after-commit", "unreadable")
"""What can go wrong after it."""
FATES = (*UNTOUCHED, *SPENT)

PROVIDER = Provider(
    name="acme",
    title="Acme",
    issuer=ISSUER,
    client_id="client",
    scopes=("offline_access",),
    authorization_endpoint=f"{ISSUER}/authorize",
    token_endpoint=f"{ISSUER}/token",
    revocation_endpoint=f"{ISSUER}/revoke",
)


@dataclass
class Redemption:
    """One time that a refresh token came. `lost`: on its way back; `successor` is None where nothing was spent."""

    token: str
    process: Any
    successor: str | None = None
    lost: bool = False
    delivered: bool = False


class Family:
    """One grant. `alive` until it is revoked, or one of its tokens comes twice; `ended_by` says which."""

    def __init__(self, number: int) -> None:
        self.number, self.rotations, self.ended_by = number, 1, ""

    @property
    def newest(self) -> str:
        """The one refresh token that may be spent."""
        return f"refresh-{self.number}-{self.rotations}"


class Server:
    """`signedin.ports.Http` towards the one server there is. `fates` are those of the next requests."""

    def __init__(self) -> None:
        self.fates: deque[str] = deque()
        self.families: list[Family] = []
        self.redemptions: list[Redemption] = []
        self.presented: list[Redemption] = []
        """Redemptions that nobody judged yet."""

    async def send(self, request: Request, *, seconds: float) -> Response:
        """Carry the request there and the answer back, as far as they get."""
        point("sending")
        fate = self.fates.popleft() if self.fates else "well"
        if fate in ("unsent", "unreached"):
            raise _cut(sent=fate == "unreached")
        form = {name: value if isinstance(value, str) else value.reveal() for name, value in request.form or ()}
        refused = _refusal(fate)
        redemption = self._arrived(form)
        response = refused or self._answer(request.url, form, redemption)
        if redemption is not None:
            redemption.lost = fate in SPENT
        point("answered")
        if redemption is not None:
            redemption.delivered = not redemption.lost
        if fate == "unanswered":
            raise _cut(sent=True)
        if fate == "500-after-commit":
            return Response(status=500)
        return Response(status=200, body=b"<html>") if fate == "unreadable" else response

    def client(self, *, base_url: str, auth: Any) -> Any:
        """Nobody asks the API here."""
        raise AssertionError

    def sync_client(self, *, base_url: str, auth: Any) -> Any:
        """Nobody asks the API here."""
        raise AssertionError

    def failure(self, error: Exception, *, url: str) -> TransportFailed:
        """Nobody asks the API here."""
        raise AssertionError

    def family_of(self, token: str) -> Family:
        """The grant of an access or refresh token."""
        return self.families[int(token.split("-")[1]) - 1]

    def _arrived(self, form: dict[str, str]) -> Redemption | None:
        if form.get("grant_type") != "refresh_token":
            return None
        strand = here()
        redemption = Redemption(form["refresh_token"], strand and strand.process)
        self.redemptions.append(redemption)
        self.presented.append(redemption)
        return redemption

    def _answer(self, url: str, form: dict[str, str], redemption: Redemption | None) -> Response:
        if url == PROVIDER.revocation_endpoint:
            family = self.family_of(form["token"])
            family.ended_by = family.ended_by or "revoked"
            return Response(status=200)
        if redemption is None:
            self.families.append(Family(len(self.families) + 1))
            return _tokens(self.families[-1])
        return self._rotate(redemption)

    def _rotate(self, redemption: Redemption) -> Response:
        family = self.family_of(redemption.token)
        if redemption.token != family.newest:
            family.ended_by = family.ended_by or "reused"
            return _error(400, "refresh_token_reused")
        if family.ended_by:
            return _error(400, "refresh_token_invalidated")
        family.rotations += 1
        redemption.successor = family.newest
        return _tokens(family)


def _tokens(family: Family) -> Response:
    answer = {
        "access_token": family.newest.replace("refresh", "access"),
        "refresh_token": family.newest,
        "token_type": "Bearer",
        "expires_in": LIFE,
    }
    return Response(status=200, body=json.dumps(answer).encode())


def _refusal(fate: str) -> Response | None:
    """The answer of a server that did nothing."""
    if fate == "503":
        return Response(status=503)
    if fate == "429":
        return Response(status=429, headers={"retry-after": str(RETRY_AFTER)})
    if fate == "html":
        return Response(status=403, headers={"cf-mitigated": "challenge"}, body=b"<html>")
    return _error(400, "try_something_else") if fate == "unknown-code" else None


def _error(status: int, code: str) -> Response:
    return Response(status=status, body=json.dumps({"error": code}).encode())


def _cut(*, sent: bool) -> TransportFailed:
    case = "request-timeout-ambiguous" if sent else "offline"
    return TransportFailed("Cut off.", kind="reset", sent=sent, case=case)
