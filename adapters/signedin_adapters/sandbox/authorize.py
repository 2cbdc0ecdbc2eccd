"""The authorization endpoints, one for each part: each checks by its own rules, and all lead to the same pages.

Nobody is asked where nobody need be: with the realm's ``auto_approve``, or a good ``id_token_hint``.
"""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from signedin_adapters.sandbox.agents import authorize_rules as agents
from signedin_adapters.sandbox.approval import default_approval
from signedin_adapters.sandbox.authorize_query import AuthorizeQuery
from signedin_adapters.sandbox.authorize_request import AuthorizeRequest
from signedin_adapters.sandbox.callback import approved
from signedin_adapters.sandbox.codex import authorize_rules as codex
from signedin_adapters.sandbox.keys import InvalidSignature
from signedin_adapters.sandbox.native import authorize_rules as native
from signedin_adapters.sandbox.parts import AGENTS, CODEX, NATIVE, Part
from signedin_adapters.sandbox.people import Person
from signedin_adapters.sandbox.realm import Realm
from signedin_adapters.sandbox.refusals import RedirectRefusal
from signedin_adapters.sandbox.sign_in_page import sign_in_page
from signedin_adapters.sandbox.visits import go_on

_RULES: dict[str, Callable[[AuthorizeQuery, Realm], AuthorizeRequest]] = {
    AGENTS.provider: agents.parse,
    CODEX.provider: codex.parse,
    NATIVE.provider: native.parse,
}


class AuthorizationEndpoint:
    """Serves the authorization endpoint of a part."""

    def __init__(self, realm: Realm, part: Part) -> None:
        self._realm = realm
        self._parse = _RULES[part.provider]
        self.routes = [Route(part.authorization_endpoint, self.authorize, methods=["GET"])]

    async def authorize(self, request: Request) -> Response:
        """Check the request; show the sign-in page, or go on at once."""
        asked = self._parse(AuthorizeQuery(request.query_params.multi_items()), self._realm)
        request.state.note = _note(asked)
        if self._realm.auto_approve:
            return RedirectResponse(approved(self._realm, asked, default_approval(asked)), status_code=303)
        attempt = self._realm.attempts.begin(asked)
        if asked.id_token_hint:
            return go_on(self._realm, attempt, self._hinted(asked))
        return sign_in_page(attempt)

    def _hinted(self, asked: AuthorizeRequest) -> Person:
        """Whom the ``id_token_hint`` means; it may have run out, but must be this registration's."""
        try:
            claims = self._realm.keys.verify(asked.id_token_hint)
        except InvalidSignature:
            claims = {}
        registration = asked.registration
        if registration is None or claims.get("sub") != registration.subject or "email" not in claims:
            raise RedirectRefusal(
                "invalid_request",
                "The id_token_hint is not an ID token of this registration.",
                redirect_uri=asked.redirect_uri,
                state=asked.state,
            )
        return registration.person


def _note(asked: AuthorizeRequest) -> str:
    if asked.registration is not None:
        return "returning sign-in"
    return "registration" if asked.part is AGENTS else "sign-in"
